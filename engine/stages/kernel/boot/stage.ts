import type {Stage} from '../../stage.ts';
import type {BootProof} from '../kernel.ts';

/** What is loaded inside for what the proof looks at; drivers that are built in are left alone. */
const modulesOf = (proof: BootProof): string[] => [
  'virtio_pci',
  ...proof.nics,
  ...proof.disks.map((name) => ({vda: 'virtio_blk', nvme: 'nvme'})[name]),
  'ext4',
];

/**
 * The stage that boots a compiled kernel in QEMU; its check (`kernel-boot`) says what it did not prove.
 *
 * @param compiled the stage whose output is the compiled kernel
 * @param texts of `templates/kernel-boot`: `boot.sh` runs QEMU, `init.sh` is the first process inside
 */
export const bootStage = (
  name: string,
  compiled: string,
  proof: BootProof,
  texts: {boot: string; init: string},
): Stage => ({
  name: `${name} boot`,
  inputs: {kernel: {stage: compiled}},
  script: texts.boot,
  files: {'init.sh': texts.init},
  environment: {MODULES: modulesOf(proof).join(' '), FIRMWARE: proof.firmware.join(' ')},
  tools: [
    'qemu-system-x86_64',
    'busybox',
    'cpio',
    'depmod',
    'modprobe',
    'mkfs.ext4',
    ...(proof.firmware.includes('uefi') ? ['/usr/share/OVMF/OVMF_CODE_4M.fd'] : []),
  ],
  // It proves what runs here, not what an older toolchain's machine can run.
  builder: 'here',
  checks: [{check: 'kernel-boot', options: proof}],
});
