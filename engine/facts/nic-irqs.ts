import {type Cpus, parseCpuList} from '../model/cpulist.ts';
import {parseCpuMask} from '../model/cpumask.ts';
import {known} from '../model/known.ts';
import {type Frames, textOf} from './frames.ts';
import {type Vector, vectorOf} from './irq-vectors.ts';
import type {Channels, Nic, NicIrq} from './nic.ts';
import {devicePath, functionDirectory, isSubFunction} from './nic-device.ts';
import {directory, readAs} from './nic-sysfs.ts';
import {present} from './present.ts';

// Files of a /proc/irq/N that are no handler's directory.
const OWN_FILES = new Set(
  'affinity_hint effective_affinity effective_affinity_list node smp_affinity smp_affinity_list spurious'.split(' '),
);

const ACTIONS = /^\/sys\/kernel\/irq\/(\d+)\/actions$/;

// Xen's event channels are named by the interface (`eth0-q0-tx`) or by the device (`vif0-q0-tx`), virtio-mmio's one line
// by the device (`virtio1`).
const namedAfter = (frames: Frames, nic: string): readonly number[] => {
  const device = devicePath(frames, nic)?.split('/').at(-1) ?? '';
  if (!/^(?:vif-|virtio)\d+$/.test(device)) return [];
  const names = new Set([nic, device.replace('vif-', 'vif')]);
  return [...frames.files].flatMap(([path, action]) => {
    const irq = ACTIONS.exec(path)?.[1];
    const own = names.has(action.trim().replace(/-q\d+-[rt]x$/, ''));
    return irq !== undefined && own ? [Number(irq)] : [];
  });
};

const listedIn = (frames: Frames, path: string): readonly number[] =>
  (frames.lists.get(path) ?? []).filter((name) => /^\d+$/.test(name)).map(Number);

/** The vectors' numbers, ascending; a device without MSI has its one line in `irq`, or its name alone. */
const numbersOf = (frames: Frames, nic: string): readonly number[] => {
  const base = functionDirectory(frames, nic);
  const own = listedIn(frames, `${directory(nic)}/device/irqs`);
  const listed = own.length > 0 ? own : listedIn(frames, `${base}/msi_irqs`);
  const line = Number(textOf(frames, `${base}/irq`) ?? 0);
  const found = listed.length > 0 || !(Number.isSafeInteger(line) && line > 0) ? listed : [line];
  return (found.length > 0 ? found : namedAfter(frames, nic)).toSorted((a, b) => a - b);
};

const interruptsName = (frames: Frames, irq: number): string | undefined => {
  const line = new RegExp(`^ *${String(irq)}:(.*)$`, 'm').exec(frames.files.get('/proc/interrupts') ?? '')?.[1];
  return line?.trim().split(/\s+/).at(-1);
};

/** The vector's name; empty when nobody requested it, undefined where no file tells. */
const nameOf = (frames: Frames, irq: number): string | undefined => {
  const path = `/sys/kernel/irq/${String(irq)}/actions`;
  const actions = textOf(frames, path);
  if (actions !== undefined) return actions;
  const handlers = frames.lists.get(`/proc/irq/${String(irq)}`);
  const handler = handlers?.find((name) => !OWN_FILES.has(name));
  if (handler !== undefined) return handler;
  const shown = interruptsName(frames, irq);
  // `grep` prints no line for an empty file: the directory was read, and this vector has no handler.
  const read = handlers !== undefined || frames.files.has(`/proc/irq/${String(irq)}/smp_affinity_list`);
  return shown ?? (read ? '' : undefined);
};

const hintOf = (frames: Frames, irq: number): Cpus | undefined => {
  const hint = parseCpuMask(textOf(frames, `/proc/irq/${String(irq)}/affinity_hint`) ?? '');
  // All zeroes: the driver gave none. Others than root may not read it.
  return hint === undefined || hint.length === 0 ? undefined : hint;
};

// Only debugfs tells (CONFIG_GENERIC_IRQ_DEBUGFS, root). Without it nothing does short of writing, so a managed vector
// shows when smp_affinity answers EIO: the appliers take that for a limit. Nearly all NIC drivers set hints instead.
const isManaged = (frames: Frames, irq: number): boolean =>
  (textOf(frames, `/sys/kernel/debug/irq/irqs/${String(irq)}`) ?? '').includes('IRQD_AFFINITY_MANAGED');

const queuesInUse = (channels: Nic['channels']): {rx: number; tx: number} | undefined => {
  const now = known<Channels>(channels)?.now;
  const combined = now?.combined ?? 0;
  return now && {rx: combined + (now.rx ?? 0), tx: combined + (now.tx ?? 0)};
};

const irqOf = (frames: Frames, irq: number, name: string, vector: Vector): NicIrq => {
  const path = `/proc/irq/${String(irq)}`;
  return present({
    irq,
    name,
    role: vector.role,
    queue: vector.queue,
    affinity: readAs(frames, `${path}/smp_affinity_list`, parseCpuList),
    effective: readAs(frames, `${path}/effective_affinity_list`, parseCpuList),
    hint: hintOf(frames, irq),
    managed: isManaged(frames, irq),
  });
};

// mlx5 deals out its function's vectors among the sub-functions (pci_irq.c): some kernels list each one's in `irqs` (from
// 6.11 on), with others those of the common pool tell by their names. Whose queue a vector serves nobody tells.
const ofSubFunction = (frames: Frames, nic: string, name: string): boolean =>
  listedIn(frames, `${directory(nic)}/device/irqs`).length > 0 || name.startsWith('mlx5_sf_');

/** A vector that bears an interface's name belongs to it; the others of a shared function go with its first port. */
const belongs = (irqName: string, nic: string, sharers: readonly string[]): boolean => {
  const owner = sharers.find((name) => irqName === name || irqName.startsWith(`${name}-`));
  return (owner ?? sharers[0] ?? nic) === nic;
};

/**
 * All requested vectors of an interface's device, with what each one serves. `sharers` are the interfaces of the same
 * device, itself included, in the order of its ports.
 */
export const irqsOf = (
  frames: Frames,
  nic: {name: string; driver: string; channels: Nic['channels']; sharers: readonly string[]},
): readonly NicIrq[] => {
  const part = isSubFunction(frames, nic.name);
  const vectors = numbersOf(frames, nic.name).flatMap((irq) => {
    const name = nameOf(frames, irq);
    const own = part ? ofSubFunction(frames, nic.name, name ?? '') : belongs(name ?? '', nic.name, nic.sharers);
    return name === '' || !own ? [] : [{irq, name: name ?? ''}];
  });
  const context = present({names: vectors.map(({name}) => name), queues: queuesInUse(nic.channels)});
  return vectors.map(({irq, name}) =>
    irqOf(frames, irq, name, part ? {role: 'other'} : vectorOf(nic.driver, name, context)),
  );
};
