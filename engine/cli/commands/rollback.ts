import type {Command} from 'commander';
import type {Context} from '../context.ts';
import {addHostOptions, positive} from './host-options.ts';
import type {RollbackCommandOptions} from './rollback-run.ts';

/** `linerate rollback`: what an apply found on each host comes back, under the same guard. */
export const addRollback = (program: Command, context: Context): void => {
  addHostOptions(
    program
      .command('rollback')
      .description('bring back what an apply found on each host: values, files with mode and owner, units'),
  )
    .option('--run <id>', 'the apply to take back, by its own id or a run’s (default: each host’s last confirmed one)')
    .option('-y, --yes', 'do not ask')
    .option('--force', 'also take back what somebody else has changed since')
    .option('--confirm-timeout <seconds>', 'how long a host waits for the confirmation before it undoes', positive, 60)
    .option('--confirm-command <command>', 'run here once all is read back; a status other than 0 undoes the host')
    .option('--drain <command>', 'run here before a host is disrupted (variable: linerate_drain)')
    .option('--undrain <command>', 'run here once it is well again (variable: linerate_undrain)')
    .action(async (options: RollbackCommandOptions) => {
      const {runRollback} = await import('./rollback-run.ts');
      await runRollback(options, context);
    });
};
