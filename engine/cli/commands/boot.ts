import type {Command} from 'commander';
import type {Context} from '../context.ts';
import type {KernelCommandOptions} from './kernel-run.ts';

/** `linerate boot`: what was built, booted in QEMU. */
export const addBoot = (program: Command, context: Context): void => {
  program
    .command('boot')
    .description('boot a kernel in QEMU and tell what it shows of itself; it is built first where it is not there yet')
    .argument('<kernel>', 'a folder: kernels/rt-6.1')
    .option('--store <folder>', 'where outputs and sources are kept (default: ~/.cache/linerate/store)')
    .option('--offline', 'fetch nothing: what is pinned must be in the store')
    .option('--json', 'as JSON')
    .action(async (name: string, options: KernelCommandOptions) => {
      const {runBoot} = await import('./kernel-run.ts');
      await runBoot(name, options, context);
    });
};
