import {InvalidArgumentError, Option, type Command} from 'commander';
import type {Context} from '../context.ts';
import type {ApplyCommandOptions} from './apply-run.ts';
import {addHostOptions, positive} from './host-options.ts';

const percentage = (value: string): number => {
  const number = Number(value);
  if (!Number.isFinite(number) || number < 0 || number > 100)
    throw new InvalidArgumentError('It must be a number from 0 to 100.');
  return number;
};

/** `linerate apply`: carries the plans out, each host under a guard that undoes itself when the host is cut off. */
export const addApply = (program: Command, context: Context): void => {
  addHostOptions(
    program
      .command('apply')
      .argument('[plan]', 'plans saved by "diff --out": refused where a host has moved on since')
      .description('carry the plans out: each host undoes by itself what is not confirmed over a fresh connection'),
  )
    .option('-w, --workload <name>', 'throughput, latency, connections, forwarding, kernel-bypass or balanced')
    .option('-C, --check', 'only show what would change, as diff does')
    .option('-y, --yes', 'do not ask')
    .option('--confirm-timeout <seconds>', 'how long a host waits for the confirmation before it undoes', positive, 60)
    .option('--allow-irreversible', 'also what cannot be undone exactly')
    .option('--serial <n>', 'how many hosts before the next ones are begun: a number, or a percentage such as 10%')
    .option('--max-fail-percentage <n>', 'begin no further batch when more of one failed', percentage)
    .addOption(new Option('-v, --verbose', 'with the reason and the source of each value').default(false))
    .action(async (plan: string | undefined, options: ApplyCommandOptions) => {
      const {runApply} = await import('./apply-run.ts');
      await runApply(plan, options, context);
    });
};
