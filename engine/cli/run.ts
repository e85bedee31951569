import {Command, CommanderError} from 'commander';
import {Fault, Faults} from '../model/fault.ts';
import {addApply} from './commands/apply.ts';
import {addBoot} from './commands/boot.ts';
import {addBuild} from './commands/build.ts';
import {addDiff} from './commands/diff.ts';
import {addDoctor} from './commands/doctor.ts';
import {addExplain} from './commands/explain.ts';
import {addFacts} from './commands/facts.ts';
import {addHistory} from './commands/history.ts';
import {addInventory} from './commands/inventory.ts';
import {addKernel} from './commands/kernel.ts';
import {addLock} from './commands/lock.ts';
import {addRecipes} from './commands/recipes.ts';
import {addRollback} from './commands/rollback.ts';
import {addStore} from './commands/store.ts';
import {EXIT, exitCodeOf} from './exit-code.ts';
import type {Context} from './context.ts';
import {addVerify} from './commands/verify.ts';
import {terminalOutput, type Output} from './output.ts';
import {renderFault} from './render/fault.ts';
import {packageVersion} from './version.ts';

const EXAMPLES = `
Examples:
  linerate diff                                  this machine
  linerate diff -i hosts.ini -l web -w latency   a fleet over SSH, for another workload
  linerate diff -v                               with the reason and the source of each value
  linerate explain nic ring.rx                   what a setting is, and what it should be here

Exit codes: 0 done, 1 usage, configuration or tool error, 2 a host failed, 4 a host unreachable, 6 both,
8 refused for safety, 10 changes pending (diff --exit-code), 130 interrupted.`;

const STOPPING = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

const program = (context: Context): Command => {
  const command = new Command('linerate')
    .description('Turns stock Linux servers into tuned packet machines.')
    .version(packageVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .configureOutput({writeOut: context.output.out, writeErr: context.output.err})
    .addHelpText('after', EXAMPLES)
    .showHelpAfterError('(linerate --help tells more)')
    .exitOverride();
  for (const add of [
    addDiff,
    addApply,
    addRollback,
    addHistory,
    addExplain,
    addVerify,
    addFacts,
    addInventory,
    addRecipes,
    addLock,
    addBuild,
    addBoot,
    addKernel,
    addStore,
    addDoctor,
  ])
    add(command, context);
  return command;
};

const renderError = (error: unknown, output: Output): number => {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
  const faults = error instanceof Faults ? error.errors : error instanceof Fault ? [error] : [];
  for (const fault of faults) output.err(renderFault(fault, output));
  if (faults.length > 0) return exitCodeOf(faults);
  output.err(
    `linerate: a bug of linerate, please report it:\n${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  return EXIT.usage;
};

/** Runs one command line; resolves with the exit code. The only place that turns errors into one. */
export const run = async (argv: readonly string[]): Promise<number> => {
  const output = terminalOutput();
  const abort = new AbortController();
  let code: number = EXIT.done;
  const stop = (signal: NodeJS.Signals): void => {
    if (!abort.signal.aborted) {
      abort.abort(new Fault({code: 'interrupted', owner: 'user', message: `interrupted by ${signal}`}));
      // A shell and its terminal may both say that they hang up; only a person insists.
    } else if (signal !== 'SIGHUP') {
      process.off(signal, stop);
      process.kill(process.pid, signal);
    }
  };
  // A terminal that hangs up is no reason to leave hosts half-way: it ends as Ctrl-C does.
  for (const signal of STOPPING) process.on(signal, stop);
  try {
    await program({output, signal: abort.signal, exit: (value) => (code = value)}).parseAsync([...argv], {
      from: 'user',
    });
    return code;
  } catch (error) {
    return renderError(error, output);
  } finally {
    for (const signal of STOPPING) process.off(signal, stop);
  }
};
