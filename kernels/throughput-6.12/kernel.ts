import {defineKernel} from '../../engine/stages/kernel/kernel.ts';

export const kernel = defineKernel({
  summary: 'Linux 6.12 for many packets and many sockets, on bare metal and on EC2.',
  version: '6.12',
  localVersion: '-throughput',
  source: {from: 'debian-package', package: 'linux-source-6.12', release: 'bookworm-security'},
  tree: 'linux-source-6.12',
  base: 'allnoconfig',
  fragments: [
    'shared/machine.config',
    'shared/system.config',
    'shared/network.config',
    'shared/nics.config',
    'shared/bypass.config',
    'config/platform.config',
    'config/security.config',
    'config/observe.config',
    'config/forwarding.config',
  ],
  builder: 'here',
  architecture: 'x86_64',
  // It boots where Secure Boot and lockdown are off; an image or host that has them on is refused.
  moduleSigning: 'off',
  targets: ['bookworm', 'el9', 'al2023'],
  proof: {
    firmware: ['bios', 'uefi'],
    nics: ['virtio_net', 'e1000e', 'igb', 'vmxnet3'],
    disks: ['vda', 'nvme'],
    realtime: false,
    btf: true,
  },
});
