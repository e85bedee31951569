import type {Command} from 'commander';
import type {Context} from '../context.ts';
import type {KernelCommandOptions} from './kernel-run.ts';

const STORE = ['--store <folder>', 'where outputs and sources are kept (default: ~/.cache/linerate/store)'] as const;

/** `linerate kernel`: a kernel's folder looked at before anything is compiled. */
export const addKernel = (program: Command, context: Context): void => {
  const kernel = program.command('kernel').description("a kernel's patches and configuration, before it is compiled");
  kernel
    .command('patches')
    .description('what each patch of the series does on the source: applied, how far off, already there, refused')
    .argument('<kernel>', 'a folder: kernels/rt-6.1')
    .option(...STORE)
    .option('--offline', 'fetch nothing: what is pinned must be in the store')
    .option('--json', 'as JSON, with the refused hunks')
    .action(async (name: string, options: KernelCommandOptions) => {
      const {runPatches} = await import('./kernel-run.ts');
      await runPatches(name, options, context);
    });
  kernel
    .command('config')
    .description('compare the full configuration that is committed with what comes out of the fragments now')
    .argument('<kernel>', 'a folder: kernels/rt-6.1')
    .option('--update', 'write it')
    .option(...STORE)
    .option('--offline', 'fetch nothing: what is pinned must be in the store')
    .action(async (name: string, options: KernelCommandOptions) => {
      const {runConfig} = await import('./kernel-run.ts');
      await runConfig(name, options, context);
    });
  kernel
    .command('config-diff')
    .description('the options in which two kernels differ, by their menus')
    .argument('<before>', 'a folder (kernels/rt-6.1) or the file of a configuration')
    .argument('<after>', 'another one')
    .option(...STORE)
    .option('--json', 'as JSON')
    .action(async (before: string, after: string, options: KernelCommandOptions) => {
      const {runConfigDiff} = await import('./kernel-run.ts');
      await runConfigDiff(before, after, options, context);
    });
};
