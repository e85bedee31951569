import {readFile, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {loadKernel} from '../catalogue/kernels.ts';
import {symbolsOfTree} from '../effects/checks/kernel-config.ts';
import {parseConfiguration} from '../stages/kernel/kconfig/configuration.ts';
import {configurationDrift, type Drift} from '../stages/kernel/kconfig/drift.ts';
import {configStage, FULL_CONFIG, kernelStages} from '../stages/kernel/stages.ts';
import {makeKernelStages, type KernelOptions} from './kernel-stages.ts';

/** A kernel's full configuration as it comes out now. */
export type KernelConfiguration = {
  /** `kernels/lab-6.1/config/full.config`. */
  file: string;
  /** Whether one is committed at all. */
  committed: boolean;
  /** How it is no longer the committed one. */
  drift: Drift;
  /** Whether the file was written. */
  written: boolean;
};

/**
 * Configures a kernel, and compares that with the committed configuration, or writes it there.
 * @throws what `loadKernel` and `makeKernelStages` throw; `kernel-option-dropped` among it
 */
export const kernelConfiguration = async (
  given: string,
  {update, ...options}: KernelOptions & {update: boolean},
): Promise<KernelConfiguration> => {
  const loaded = await loadKernel(given);
  const {name, kernel, files, scripts, folder} = loaded;
  const config = configStage(name, kernel, files, scripts, false);
  const others = kernelStages(name, kernel, files, scripts).filter((stage) => stage.name !== config.name);
  const input = config.inputs['source'];
  const tree = input && 'stage' in input ? input.stage : '';
  const outputs = await makeKernelStages(loaded, [...others, config], [tree, config.name], options);
  const text = await readFile(path.join(outputs.get(config.name) ?? '', 'config'), 'utf8');
  const symbols = symbolsOfTree(path.join(outputs.get(tree) ?? '', 'tree'));
  const before = files[FULL_CONFIG] ?? '';
  const written = update && before !== text;
  if (written) await writeFile(path.join(folder, FULL_CONFIG), text);
  return {
    file: `${name}/${FULL_CONFIG}`,
    committed: before !== '',
    drift: configurationDrift(parseConfiguration(before), parseConfiguration(text), symbols),
    written,
  };
};
