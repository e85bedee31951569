import {loadKernel} from '../catalogue/kernels.ts';
import {patchStatuses, rejectsOf} from '../effects/checks/kernel-patches.ts';
import type {PatchStatus, Reject} from '../stages/kernel/patch-status.ts';
import {kernelStages, patchStatusStage} from '../stages/kernel/stages.ts';
import {makeKernelStages, type KernelOptions} from './kernel-stages.ts';

/** A patch of a kernel's series: what came of it, and the hunks that were refused. */
export type PatchOutcome = PatchStatus & {rejects: readonly Reject[]};

/**
 * What each patch of a kernel's series does on its source; none for a kernel without patches.
 * @throws what `loadKernel` and `makeKernelStages` throw
 */
export const kernelPatches = async (given: string, options: KernelOptions): Promise<readonly PatchOutcome[]> => {
  const loaded = await loadKernel(given);
  const {name, kernel, files, scripts} = loaded;
  const status = patchStatusStage(name, kernel, files, scripts);
  if (!status) return [];
  const stages = [...kernelStages(name, kernel, files, scripts), status];
  const folder = (await makeKernelStages(loaded, stages, [status.name], options)).get(status.name) ?? '';
  return Promise.all(
    (await patchStatuses(folder)).map(async (one) => ({...one, rejects: await rejectsOf(folder, one)})),
  );
};
