import path from 'node:path';
import {ADDRESS, NICS} from './recipe.ts';

const TAPS = ['management', 'virtio', 'vmxnet3'] as const;

/**
 * Makes the taps in the fresh network namespace that it runs in, runs QEMU there and removes the work folder in the end,
 * also when a signal (the test's own death sends one) is what ends it. The namespace goes with its last member.
 */
const KEEPER_SCRIPT = `
work=$1
shift
qemu=
end() { [ -z "$qemu" ] || { kill -9 "$qemu"; wait "$qemu"; } 2>/dev/null; rm -rf "$work"; exit; }
trap end INT TERM HUP
ip link set lo up &&
ip tuntap add management mode tap &&
ip address add ${ADDRESS.host}/${String(ADDRESS.prefix)} dev management &&
ip tuntap add virtio mode tap multi_queue &&
ip tuntap add vmxnet3 mode tap &&
for tap in ${TAPS.join(' ')}; do ip link set "$tap" up; done &&
{ setpriv --pdeathsig KILL "$@" & } && qemu=$! && wait "$qemu"
end`;

/** A PCI host bridge of one NUMA node with root ports `<name>.0`, `<name>.1` …: on the root bus a NIC's node reads -1. */
const hostBridge = (name: string, node: number, ports: number): string[][] => [
  ['-device', `pxb-pcie,id=${name},bus_nr=${String(64 * (node + 1))},numa_node=${String(node)},bus=pcie.0`],
  ...Array.from({length: ports}, (_, port) => [
    '-device',
    `pcie-root-port,id=${name}.${String(port)},bus=${name},chassis=${String(10 * node + port + 1)},slot=${String(port)}`,
  ]),
];

const memory = (node: number, cpus: string): string[][] => [
  ['-object', `memory-backend-ram,id=memory${String(node)},size=512M`],
  ['-numa', `node,nodeid=${String(node)},cpus=${cpus},memdev=memory${String(node)}`],
];

const nic = (name: (typeof TAPS)[number], device: string, more = ''): string[][] => [
  ['-netdev', `tap,id=${name},ifname=${name},script=no,downscript=no${more}`],
  ['-device', `${device},netdev=${name},mac=${NICS[name]}`],
];

/** What a test asks of its machine beyond the usual. */
export type MachineShape = {
  /**
   * `grub`: the BIOS starts the disk's own GRUB, so kernel arguments and boot entries are the machine's to choose. `kernel`, the
   * usual: QEMU starts the kernel itself, some seconds sooner, and the disk's GRUB lies idle.
   */
  disk?: 'kernel' | 'grub';
  /** An Intel IOMMU that the NICs' DMA goes through; without interrupt remapping, in which TCG loses timer and NIC interrupts. */
  iommu?: boolean;
};

const directBoot = (folder: string): string[][] => [
  ['-kernel', path.join(folder, 'vmlinuz'), '-initrd', path.join(folder, 'initrd')],
  ['-append', 'console=ttyS0 quiet mitigations=off no_timer_check systemd.show_status=no'],
];

/**
 * Two sockets of two cores with two threads, a NUMA node each; an e1000e on node 0, a virtio-net with four queue pairs
 * and a vmxnet3 on node 1. The image is never written to: what the machine writes lasts over its reboots and
 * is gone with it. The console goes to `work`/console; QEMU listens at `work`/qmp.
 */
export const qemuArguments = (
  folder: string,
  accelerator: 'kvm' | 'tcg',
  work: string,
  {disk = 'kernel', iommu = false}: MachineShape,
): string[] =>
  [
    ['setpriv', '--pdeathsig', 'TERM', 'unshare', '--net', 'sh', '-c', KEEPER_SCRIPT, 'sh', work],
    ['qemu-system-x86_64', '-nodefaults', '-no-user-config', '-display', 'none'],
    ['-machine', 'q35,usb=off,vmport=off', '-cpu', 'Nehalem', '-m', '1024'],
    ['-accel', accelerator === 'kvm' ? 'kvm' : 'tcg,thread=multi,tb-size=512'],
    ['-smp', '8,sockets=2,cores=2,threads=2'],
    ...memory(0, '0-3'),
    ...memory(1, '4-7'),
    ['-numa', 'dist,src=0,dst=1,val=21'],
    // It must come before the devices that it is to serve.
    ...(iommu ? [['-device', 'intel-iommu,intremap=off']] : []),
    ...(disk === 'kernel' ? directBoot(folder) : []),
    ['-drive', `file=${path.join(folder, 'disk')},format=raw,if=none,id=root,snapshot=on`],
    ['-device', 'virtio-blk-pci,drive=root,bus=pcie.0', '-device', 'virtio-rng-pci,bus=pcie.0'],
    ...hostBridge('near', 0, 1),
    ...hostBridge('far', 1, 2),
    ...nic('management', 'e1000e,bus=near.0'),
    ...nic('virtio', `virtio-net-pci,bus=far.0,mq=on,vectors=10${iommu ? ',iommu_platform=on' : ''}`, ',queues=4'),
    ...nic('vmxnet3', 'vmxnet3,bus=far.1'),
    ['-chardev', `file,id=console,path=${path.join(work, 'console')}`, '-serial', 'chardev:console'],
    ['-qmp', `unix:${path.join(work, 'qmp')},server=on,wait=off`],
  ].flat();
