import type {KernelOptions} from '../../actions/kernel-stages.ts';
import {plainProgress} from '../build-plain.ts';
import type {Context} from '../context.ts';
import {EXIT} from '../exit-code.ts';
import {bootLines} from '../render/boot.ts';
import {configLines, differenceLines, patchLines} from '../render/kernel.ts';

export type KernelCommandOptions = {store?: string; offline?: boolean; json?: boolean; update?: boolean};

const storeOf = async ({store}: KernelCommandOptions): Promise<string> => {
  if (store !== undefined) return store;
  const {defaultStore} = await import('../../actions/build-targets.ts');
  return defaultStore(process.env);
};

/** Runs an action that makes stages, with their progress on standard error. */
const withProgress = async <Result>(
  options: KernelCommandOptions,
  {output, signal}: Context,
  action: (options: KernelOptions) => Promise<Result>,
): Promise<Result> => {
  const progress = plainProgress({why: false, parallel: 1, output});
  try {
    return await action({
      store: await storeOf(options),
      environment: process.env,
      signal,
      offline: options.offline ?? false,
      ccache: true,
      onEvent: progress.onEvent,
      onWarning: (sentence) => {
        output.err(`${output.paintError('yellow', 'warning:')} ${sentence}\n`);
      },
    });
  } finally {
    await progress.stop();
  }
};

/** Tells what each patch of a series does; exit code 1 where one does not apply. */
export const runPatches = async (name: string, options: KernelCommandOptions, context: Context): Promise<void> => {
  const {kernelPatches} = await import('../../actions/kernel-patches.ts');
  const outcomes = await withProgress(options, context, async (kernel) => kernelPatches(name, kernel));
  if (options.json === true) context.output.out(`${JSON.stringify(outcomes, undefined, 2)}\n`);
  else context.output.out(patchLines(outcomes, context.output));
  if (outcomes.some(({status}) => status === 'failed' || status === 'missing')) context.exit(EXIT.usage);
};

/** Boots a kernel and tells what it shows; a kernel that does not show what it promises is a fault. */
export const runBoot = async (name: string, options: KernelCommandOptions, context: Context): Promise<void> => {
  const {bootKernel} = await import('../../actions/kernel-boot.ts');
  const boot = await withProgress(options, context, async (kernel) => bootKernel(name, kernel));
  context.output.out(
    options.json === true ? `${JSON.stringify(boot, undefined, 2)}\n` : bootLines(boot, context.output),
  );
};

/** Compares or writes the committed configuration; exit code 1 where it is not what comes out. */
export const runConfig = async (name: string, options: KernelCommandOptions, context: Context): Promise<void> => {
  const {kernelConfiguration} = await import('../../actions/kernel-config.ts');
  const found = await withProgress(options, context, async (kernel) =>
    kernelConfiguration(name, {...kernel, update: options.update ?? false}),
  );
  context.output.out(configLines(found, context.output));
  if (options.update !== true && (!found.committed || found.drift.asked.length > 0)) context.exit(EXIT.usage);
};

/** Tells the options in which two configurations differ. */
export const runConfigDiff = async (
  before: string,
  after: string,
  options: KernelCommandOptions,
  {output}: Context,
): Promise<void> => {
  const {kernelConfigDiff} = await import('../../actions/kernel-config-diff.ts');
  const groups = await kernelConfigDiff(before, after, await storeOf(options));
  output.out(options.json === true ? `${JSON.stringify(groups, undefined, 2)}\n` : differenceLines(groups, output));
};
