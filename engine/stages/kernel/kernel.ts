import type {SourceRequest} from '../sources/lock.ts';

/** Releases that packages are made for. */
export type TargetRelease = 'bookworm' | 'trixie' | 'noble' | 'el8' | 'el9' | 'el10' | 'al2023';

/** What a kernel has to show when it is booted in QEMU, before it counts as built. */
export type BootProof = {
  firmware: readonly ('bios' | 'uefi')[];
  /** Drivers over whose NIC the other end must answer; QEMU has `virtio_net`, `e1000e`, `igb` (from 8.0 on) and `vmxnet3`. */
  nics: readonly string[];
  /** `vda` (virtio), `nvme`: ext4 must be readable there. */
  disks: readonly ('vda' | 'nvme')[];
  /** Whether `uname -v` must say PREEMPT_RT. */
  realtime: boolean;
  /** Whether it must carry BPF type information. */
  btf: boolean;
};

/** A kernel: what its folder `kernels/NAME/kernel.ts` exports as `kernel`. */
export type Kernel = {
  /** One sentence. */
  summary: string;
  /** Its base version, `6.1`; the exact one comes from the source. */
  version: string;
  /** What follows the version in `uname -r`: `-lab`. */
  localVersion: string;
  source: SourceRequest;
  /** The path of the kernel's tree in the unpacked source: `linux-source-6.1`; the only folder where absent. */
  tree?: string;
  /** Configuration that fragments change: a make target (`allnoconfig`, `x86_64_defconfig`) or a file of the folder. */
  base: string;
  /** Files of `config/` in the order in which they are merged; a later one wins. */
  fragments: readonly string[];
  /** `patches/series` of the folder, or a series out of a pinned source. */
  patches?: 'own' | {source: SourceRequest; series: string};
  /** Where it is built: `here`, or a toolchain of its era. */
  builder: string;
  architecture: 'x86_64';
  /** `off`, or the name of the variable that says where the key lies. */
  moduleSigning: 'off' | {keyVariable: string};
  targets: readonly TargetRelease[];
  /** Absent where QEMU here cannot boot it. */
  proof?: BootProof;
  /** Said before anything is built: that it is long past its end of life. */
  warning?: string;
};

/** Says what a kernel is; its types are checked where it is written. */
export const defineKernel = (kernel: Kernel): Kernel => kernel;
