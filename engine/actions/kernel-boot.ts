import {loadBuild} from '../catalogue/builds.ts';
import {loadKernel} from '../catalogue/kernels.ts';
import {bootReports} from '../effects/checks/kernel-boot.ts';
import {Fault} from '../model/fault.ts';
import type {BootReport} from '../stages/kernel/boot/report.ts';
import {makeKernelStages, type KernelOptions} from './kernel-stages.ts';

/** What a kernel showed of itself when it was booted. */
export type KernelBoot = {
  name: string;
  /** A report for each firmware that its folder names. */
  reports: readonly BootReport[];
  /** Where its consoles lie: `console-bios`, `console-uefi`. */
  folder: string;
};

/**
 * Boots a kernel in QEMU, once it is compiled; one that was booted already is not booted again.
 * @throws Fault `kernel-boot` where it does not show what its folder promises, or its folder promises nothing; what
 *   `loadKernel` and `makeKernelStages` throw
 */
export const bootKernel = async (given: string, options: KernelOptions): Promise<KernelBoot> => {
  const loaded = await loadKernel(given);
  const {name, kernel} = loaded;
  if (!kernel.proof)
    throw new Fault({
      code: 'kernel-boot',
      owner: 'user',
      message: `${name} says nothing of how it proves itself in QEMU`,
      hint: `"proof" in ${name}/kernel.ts names firmware, NICs and disks`,
    });
  const {stages} = await loadBuild(name, {formats: []});
  const boot = `${name} boot`;
  const folder = (await makeKernelStages(loaded, stages, [boot], options)).get(boot) ?? '';
  return {name, reports: await bootReports(folder, kernel.proof), folder};
};
