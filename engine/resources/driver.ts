import {askedOf, heldAsked} from '../facts/asked.ts';
import {isHolder, rememberedWords, type BoundInterface} from '../facts/driver-bindings.ts';
import type {Facts} from '../facts/facts.ts';
import type {Nic} from '../facts/nic.ts';
import {OWN} from '../facts/own-files.ts';
import {functionScript, parseFunction, type FunctionState} from '../facts/pci-function.ts';
import type {Step} from '../model/change.ts';
import type {Boot, Held} from '../model/setting.ts';
import {known} from '../model/known.ts';
import {GIVE_SCRIPT} from './driver-script.ts';
import {holdOf} from './hold.ts';
import {argumentOf} from './kernel-arguments.ts';
import type {ResourceKind} from './resource.ts';

/** vfio-pci in its mode without an IOMMU: whoever has the function open may then write to all of the machine's memory. */
export const NO_IOMMU = 'vfio-pci-noiommu';

const id = (address: string): string => `driver ${address}`;

/** A driver's own name: that of a mode of it is another. */
const moduleOf = (want: string): string =>
  want === NO_IOMMU ? 'vfio-pci' : want === 'kernel' || want === 'none' ? '' : want;

/** The PCI function as it was read for a wish or a run; undefined where nobody did, or where there is none. */
export const functionOf = (facts: Facts, address: string): FunctionState | undefined => {
  const text = askedOf(facts, id(address));
  return text === undefined ? undefined : parseFunction(text);
};

/** The interfaces of a PCI function that its kernel driver shows here. */
export const interfacesOf = ({nics}: Facts, address: string): readonly Nic[] =>
  nics.filter(({pci, lower}) => pci?.address === address && lower.length === 0);

const holderOf = ({driver, group}: FunctionState): string =>
  driver === 'vfio-pci' && group?.noIommu === true ? NO_IOMMU : (driver ?? 'none');

const live = (facts: Facts, rest: string): Held =>
  heldAsked(facts, id(rest), (text) => {
    const state = parseFunction(text);
    return state === undefined ? 'unsupported' : {value: holderOf(state)};
  });

const isKernels = (driver: string): boolean => driver === 'kernel' || (driver !== 'none' && !isHolder(driver));

/** The interface that a function has, or had before linerate gave it away. */
export const interfaceOf = (facts: Facts, address: string): BoundInterface | undefined => {
  const [nic] = interfacesOf(facts, address);
  if (!nic) return facts.bindings.find((binding) => binding.address === address)?.interface;
  const mac = nic.kind === 'virtual-function' ? undefined : (nic.permanentMac ?? nic.mac).toLowerCase();
  return {name: nic.name, ...(mac === undefined ? {} : {mac}), up: nic.adminUp};
};

const remembered = (facts: Facts, address: string): string | undefined => {
  const ids = functionOf(facts, address)?.ids;
  return ids === undefined ? undefined : rememberedWords(ids, interfaceOf(facts, address));
};

const given = (facts: Facts, address: string, want: string, override: string): readonly Step[] | undefined => {
  const words = remembered(facts, address)?.split(' ');
  if (words === undefined) return undefined;
  return [{do: 'run', argv: ['/bin/sh', '-c', GIVE_SCRIPT, 'give', address, want, override, ...words]}];
};

const isLoaded = ({modules}: Facts, name: string): boolean => modules.loaded.includes(name.replaceAll('-', '_'));

/** What loading a driver has left behind; what is in use or built in stays. */
const unloaded = (facts: Facts, want: string, state: FunctionState | undefined): readonly Step[] => {
  const module = moduleOf(want);
  const optional = (...argv: readonly string[]): Step => ({do: 'run', argv, optional: true});
  const quietly = (text: string): Step => optional('/bin/sh', '-c', `{ ${text}; } 2>/dev/null || :`);
  return [
    ...(module === '' || isLoaded(facts, module) || state?.driver === module ? [] : [quietly(`modprobe -r ${module}`)]),
    ...(want === NO_IOMMU && state?.noIommuSwitch === false
      ? [quietly('echo N >/sys/module/vfio/parameters/enable_unsafe_noiommu_mode')]
      : []),
  ];
};

const restore = (facts: Facts, rest: string, want: string): readonly Step[] | undefined => {
  const state = functionOf(facts, rest);
  if (!state) return undefined;
  const back = given(facts, rest, holderOf(state), state.override ?? '');
  return back && [...back, ...unloaded(facts, want, state)];
};

/** vfio-pci's ids, from its options or the kernel's arguments: `8086:1592,…`, taken by it at boot. */
const takenByIds = ({boot, modules}: Facts, ids: string): string | undefined => {
  const has = (list: string | undefined): boolean => list?.toLowerCase().split(',').includes(ids) === true;
  if (has(argumentOf(known(boot.nextCommandLine) ?? '', 'vfio-pci.ids'))) return 'the kernel command line';
  return modules.options.find(
    ({module, text}) => module === 'vfio_pci' && has(/(?:^|\s)ids=(\S+)/.exec(text)?.[1]?.replaceAll('"', '')),
  )?.at;
};

const isOursAtBoot = ({services}: Facts): boolean =>
  services.own?.texts[OWN.driverScript] !== undefined && services.own.enabled.includes('linerate-driver.service');

const boot = (facts: Facts, rest: string): Boot => {
  const held = holdOf(facts).host.get(id(rest));
  if (held !== undefined && isOursAtBoot(facts))
    return {held: {value: held.value.split(' ')[0] ?? ''}, by: `${OWN.hold}:${String(held.line)}`};
  const state = functionOf(facts, rest);
  if (state?.driverctl !== undefined) return {held: {value: state.driverctl}, by: `/etc/driverctl.d/${rest}`};
  const by = state && takenByIds(facts, state.ids);
  return by === undefined ? {held: {value: 'kernel'}} : {held: {value: 'vfio-pci'}, by};
};

/** Whether vfio-pci is wanted, and the IOMMU that the firmware tells of waits for a boot that turns it on. */
export const waitsForIommu = ({iommu}: Facts, state: FunctionState | undefined): boolean =>
  state?.wanted === 'vfio-pci' && !iommu.on && iommu.table !== undefined;

// Kinds of queueing that a driver's interface starts with, or that default_qdisc names.
const PLAIN_QDISC = /^(?:noqueue|pfifo_fast|fq|fq_codel|mq(?: \S+)?)$/;

const isLostFor = (nic: Nic): boolean =>
  (known(nic.ntupleRules) ?? 0) > 0 || (nic.qdisc !== undefined && !PLAIN_QDISC.test(nic.qdisc));

const NEARLY: Readonly<Record<string, string>> = {
  vfio: 'vfio-pci',
  vfio_pci: 'vfio-pci',
  'uio-pci-generic': 'uio_pci_generic',
  igb_uio_pci: 'igb_uio',
};

/**
 * The driver of a PCI function: `driver 0000:03:00.0` holds `vfio-pci`, `vfio-pci-noiommu`, `uio_pci_generic`, a kernel
 * driver's name, or `none`; wanted may also be `kernel`: whatever kernel driver takes it.
 */
export const driver: ResourceKind = {
  kind: 'driver',
  form: 'PCI-ADDRESS, e.g. 0000:03:00.0',
  knows: (rest) => /^[\da-f]{4,8}:[\da-f]{2}:[\da-f]{2}\.[0-7]$/.test(rest),
  problem: (_rest, want) => {
    if (!/^[\w-]+$/.test(want)) return 'is no driver';
    const meant = NEARLY[want];
    return meant === undefined ? undefined : `is no driver; did you mean ${meant}?`;
  },
  reads: (rest, want) => functionScript(id(rest), rest, want, moduleOf(want)),
  live,
  boot,
  effect: (facts, rest) => (waitsForIommu(facts, functionOf(facts, rest)) ? 'reboot' : 'link-flap'),
  undo: (facts, rest) => (interfacesOf(facts, rest).some(isLostFor) ? 'approximate' : 'exact'),
  same: (_facts, _rest, held, want) =>
    held === want || (isKernels(held) && isKernels(want) && [held, want].includes('kernel')),
  steps: (facts, rest, want) =>
    waitsForIommu(facts, functionOf(facts, rest)) ? undefined : given(facts, rest, want, ''),
  restore,
};

/** What the hold file says of a function: its driver, and what tells it from others; undefined where it was not read. */
export const heldDriver = (facts: Facts, rest: string, want: string): {key: string; value: string} | undefined => {
  const words = remembered(facts, rest);
  return words === undefined ? undefined : {key: id(rest), value: `${want} ${words}`};
};
