import {InvalidArgumentError, Option, type Command} from 'commander';
import type {Context} from '../context.ts';
import type {ApplyCommandOptions} from './apply-options.ts';
import {addHostOptions, addRecipeOptions, positive} from './host-options.ts';

const percentage = (value: string): number => {
  const number = Number(value);
  if (!Number.isFinite(number) || number < 0 || number > 100)
    throw new InvalidArgumentError('It must be a number from 0 to 100.');
  return number;
};

/** `linerate apply`: carries the plans out, each host under a guard that undoes itself when the host is cut off. */
export const addApply = (program: Command, context: Context): void => {
  addRecipeOptions(
    addHostOptions(
      program
        .command('apply')
        .argument('[plan]', 'plans saved by "diff --out": refused where a host has moved on since')
        .description('carry the plans out: each host undoes by itself what is not confirmed over a fresh connection'),
    ),
  )
    .option('-C, --check', 'only show what would change, as diff does')
    .option('-y, --yes', 'do not ask')
    .option('--confirm-timeout <seconds>', 'how long a host waits for the confirmation before it undoes', positive, 60)
    .option('--allow-irreversible', 'also what cannot be undone exactly')
    .option(
      '--reboot',
      'hosts may be rebooted: kernel arguments are tried by a one-shot boot, and kept when the host comes back with them',
    )
    .option('--confirm-command <command>', 'run here once all is read back; a status other than 0 undoes the host')
    .option('--canary <n>', 'first only so many hosts, 1 or 10%: the others only when none of them failed')
    .option('--serial <n,…>', 'how many hosts a wave: 5, or 20%, or several as 1,5,20% (the last one is repeated)')
    .option('--max-fail-percentage <n>', 'begin no further wave when more of one failed', percentage)
    .option(
      '--health-command <command>',
      'run here for each host of a wave before the next begins; status 0 is healthy',
    )
    .option('--health-url <url>', 'asked for each host of a wave, as http://{host}:8080/healthz; 2xx is healthy')
    .option('--health-timeout <seconds>', 'how long a host may take to become healthy', positive, 60)
    .option('--rollback-all-on-failure', 'when a host fails or is not healthy, roll all hosts back')
    .option('--drain <command>', 'run here before a host is disrupted (variable: linerate_drain)')
    .option('--undrain <command>', 'run here once it is well again (variable: linerate_undrain)')
    .option('--retry-file <file>', 'list the hosts that failed or were unreachable, for --limit @FILE')
    .addOption(new Option('-v, --verbose', 'with the reason and the source of each value').default(false))
    .action(async (plan: string | undefined, options: ApplyCommandOptions) => {
      const {runApply} = await import('./apply-run.ts');
      await runApply(plan, options, context);
    });
};
