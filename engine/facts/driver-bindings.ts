import type {Fact} from './fact.ts';
import {type Frames, numberOf, textOf} from './frames.ts';
import {OWN} from './own-files.ts';
import {present} from './present.ts';

/** PCI network functions that no kernel network driver holds: vfio-pci, uio, unbound. */
export type DriverBinding = {
  address: string;
  vendor: string;
  device: string;
  driver?: string;
  numaNode: number;
  /** What linerate knows of the interface that was here when it gave the function away. */
  interface?: BoundInterface;
};

/** A network interface that went with its kernel driver. */
export type BoundInterface = {
  name: string;
  /** Absent where it says nothing: a virtual function has another at every boot. */
  mac?: string;
  /** Whether it was administratively up. */
  up: boolean;
};

const DEVICES = '/sys/bus/pci/devices';

/** Where a bound function's interface is remembered until the next boot: a file of this folder for each PCI address. */
export const REMEMBERED = '/run/linerate-functions';

// Read without a fork: a server has hundreds of functions. Class 02 is a network controller (pci_ids.h).
const SCRIPT = String.raw`
for entry in "$R"${DEVICES}/*; do
  [ -r "$entry/class" ] && read -r class <"$entry/class" || continue
  case $class in 0x02*) ;; *) continue ;; esac
  d=${DEVICES}/${'$'}{entry##*/}
  f "$d/class" "$d/vendor" "$d/device" "$d/numa_node"
  l "$d/driver"
  [ ! -e "$R${REMEMBERED}/${'$'}{entry##*/}" ] || f "${REMEMBERED}/${'$'}{entry##*/}"
done
`;

const HOLDERS = /vfio|^uio_|^igb_uio$|^pci-stub$|^(?:xen-)?pciback$/;

/** Whether a driver holds a function for someone else: a program, a guest, nobody. */
export const isHolder = (driver: string): boolean => HOLDERS.test(driver);

const WORDS = /^([\da-f]{4}:[\da-f]{4}) (\S+) ([\da-f:]+|-) (up|down)$/;

/** `8086:1592 ens1f0 02:00:00:00:00:01 up`: a function's ids and the interface that it had; `-` for what nobody knows. */
export const rememberedWords = (ids: string, known: BoundInterface | undefined): string =>
  [ids, known?.name ?? '-', known?.mac ?? '-', known?.up === true ? 'up' : 'down'].join(' ');

/** What `rememberedWords` wrote of the function with these ids; undefined where it was written of another one. */
export const parseRemembered = (words: string, ids: string): BoundInterface | undefined => {
  const [, own, name = '-', mac = '-', state] = WORDS.exec(words.trim()) ?? [];
  if (own !== ids || name === '-') return undefined;
  return {name, ...(mac === '-' ? {} : {mac}), up: state === 'up'};
};

/** What linerate's hold file says after the driver: the words of `rememberedWords`. */
const heldWords = (frames: Frames, address: string): string | undefined => {
  const start = `driver ${address} = `;
  const line = frames.files
    .get(`/own${OWN.hold}`)
    ?.split('\n')
    .findLast((text) => text.startsWith(start));
  return line?.slice(start.length).replace(/^\S+ /, '');
};

const interfaceOf = (frames: Frames, address: string, ids: string): BoundInterface | undefined =>
  [textOf(frames, `${REMEMBERED}/${address}`), heldWords(frames, address)]
    .map((words) => (words === undefined ? undefined : parseRemembered(words, ids)))
    .find((known) => known !== undefined);

const bindingOf = (frames: Frames, path: string): DriverBinding | undefined => {
  const driver = frames.links.get(`${path}/driver`)?.split('/').at(-1);
  // Not by its net/ directory: that shows the interfaces of the probe's own network namespace only.
  if (driver !== undefined && !isHolder(driver)) return undefined;
  const id = (file: string): string => (textOf(frames, `${path}/${file}`) ?? '').replace(/^0x/, '');
  const [address, vendor, device] = [path.slice(DEVICES.length + 1), id('vendor'), id('device')];
  return present({
    address,
    vendor,
    device,
    driver,
    numaNode: numberOf(frames, `${path}/numa_node`) ?? -1,
    interface: interfaceOf(frames, address, `${vendor}:${device}`),
  });
};

/** PCI network functions held by vfio-pci, uio and the like, or by no driver at all. */
export const bindings: Fact<readonly DriverBinding[]> = {
  name: 'bindings',
  script: () => SCRIPT,
  parse: (frames) =>
    [...frames.files.keys()]
      .filter((path) => path.startsWith(`${DEVICES}/`) && path.endsWith('/class'))
      .flatMap((path) => bindingOf(frames, path.slice(0, -'/class'.length)) ?? []),
};
