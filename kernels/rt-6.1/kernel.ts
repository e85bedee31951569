import {defineKernel} from '../../engine/stages/kernel/kernel.ts';

export const kernel = defineKernel({
  summary: 'Linux 6.1 with the PREEMPT_RT series applied: packet cores that answer in microseconds.',
  version: '6.1',
  localVersion: '-linerate',
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
    'shared/bypass.config',
    'config/rt.config',
  ],
  // Its version is the source's own: on a newer one some of its patches no longer apply.
  patches: {
    source: {
      from: 'debian-source',
      package: 'linux',
      version: '6.1.176-1',
      release: 'bookworm',
      only: 'packaging',
    },
    series: 'debian/patches-rt/series',
  },
  builder: 'here',
  architecture: 'x86_64',
  moduleSigning: 'off',
  targets: ['bookworm', 'el9'],
  proof: {
    firmware: ['bios', 'uefi'],
    nics: ['virtio_net', 'e1000e', 'igb', 'vmxnet3'],
    disks: ['vda', 'nvme'],
    realtime: true,
    btf: false,
  },
});
