import type {Command} from 'commander';
import type {Context} from '../context.ts';
import type {ExplainCommandOptions} from './explain-run.ts';
import {addHostOptions} from './host-options.ts';

/** `linerate explain sysctl net.core.somaxconn`: what a setting is, what it would be, why, who says so, what it costs. */
export const addExplain = (program: Command, context: Context): void => {
  addHostOptions(
    program
      .command('explain')
      .description(
        'tell what a setting is, what it holds and should hold on each host, why, who says so and what it costs',
      )
      .argument(
        '<setting...>',
        'an address: sysctl net.core.somaxconn · nic ring.rx · nic ens1f0 ring.rx · boot isolcpus',
      ),
  )
    .option('-w, --workload <name>', 'throughput, latency, connections, forwarding, kernel-bypass or balanced')
    .option('--json', 'as JSON')
    .action(async (words: readonly string[], options: ExplainCommandOptions) => {
      const {runExplain} = await import('./explain-run.ts');
      await runExplain(words.join(' '), options, context);
    });
};
