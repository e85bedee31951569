import {defineKernel} from '../../engine/stages/kernel/kernel.ts';

export const kernel = defineKernel({
  summary: 'The smallest kernel that boots images in QEMU with every NIC model of the tests.',
  version: '6.1',
  localVersion: '-lab',
  // The version that Debian's own PREEMPT_RT series fits: one source serves both kernels.
  source: {from: 'debian-package', package: 'linux-source-6.1', version: '6.1.176-1', release: 'bookworm'},
  tree: 'linux-source-6.1',
  base: 'allnoconfig',
  fragments: [
    'shared/machine.config',
    'shared/system.config',
    'shared/network.config',
    'shared/virtual-nics.config',
    'shared/linux-6.1.config',
    'shared/lean.config',
    'config/lab.config',
  ],
  builder: 'here',
  architecture: 'x86_64',
  moduleSigning: 'off',
  targets: ['bookworm', 'el9'],
  proof: {
    firmware: ['bios', 'uefi'],
    nics: ['virtio_net', 'e1000e', 'igb', 'vmxnet3'],
    disks: ['vda', 'nvme'],
    realtime: false,
    btf: false,
  },
});
