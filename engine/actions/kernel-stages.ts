import type {LoadedKernel} from '../catalogue/kernels.ts';
import {openBuilders} from '../effects/builders/open-builders.ts';
import {openStore} from '../effects/store/open-store.ts';
import {Faults, type Fault} from '../model/fault.ts';
import {kernelSources} from '../stages/kernel/stages.ts';
import type {Stage} from '../stages/stage.ts';
import {cacheOf, sourcesFor, type TargetsOptions} from './build-targets.ts';
import {buildStages} from './build.ts';

/** How stages of a kernel are run that are looked at by themselves. */
export type KernelOptions = Pick<
  TargetsOptions,
  'signal' | 'store' | 'environment' | 'offline' | 'ccache' | 'onEvent' | 'onWarning' | 'onProgress'
>;

/**
 * Makes stages of a kernel, and says where the outputs of those that are wanted lie.
 * @throws the Fault or Faults of the stage that failed, and what `buildStages` throws
 */
export const makeKernelStages = async (
  {name, kernel}: LoadedKernel,
  stages: readonly Stage[],
  targets: readonly string[],
  options: KernelOptions,
): Promise<ReadonlyMap<string, string>> => {
  const store = openStore(options.store);
  const {ccache, onWarning} = options;
  const report = await buildStages(stages, {
    ...options,
    store,
    sources: await sourcesFor([{sources: kernelSources(name, kernel)}], store, options),
    builder: openBuilders({cache: cacheOf(store), ccache, ...(onWarning ? {onWarning} : {})}),
    targets,
  });
  const faults: readonly Fault[] = report.stages.flatMap((stage) => (stage.state === 'failed' ? stage.faults : []));
  if (faults.length > 0) throw new Faults(faults);
  return new Map(
    report.stages.flatMap((stage) =>
      stage.state === 'found' || stage.state === 'built' ? [[stage.name, stage.stored.folder] as const] : [],
    ),
  );
};
