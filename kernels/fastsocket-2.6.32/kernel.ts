import {defineKernel} from '../../engine/stages/kernel/kernel.ts';

export const kernel = defineKernel({
  summary: "CentOS 6.5's kernel with Fastsocket: a listening socket and a VFS path of its own for each core.",
  version: '2.6.32',
  localVersion: '-fastsocket',
  // No release of it is tagged: the lock pins the commit.
  source: {from: 'git', url: 'https://github.com/fastos/fastsocket.git', reference: 'master'},
  tree: 'fastsocket/kernel',
  base: 'x86_64_defconfig',
  fragments: ['config/fastsocket.config'],
  // gcc 4.4, as CentOS 6 has it: later ones do not compile this kernel.
  builder: 'centos-6',
  architecture: 'x86_64',
  moduleSigning: 'off',
  targets: [],
  warning:
    '2.6.32 has had no security fixes since 2020: keep it off networks that you do not trust, and look at SO_REUSEPORT, which newer kernels have, first',
});
