import {spawn} from 'node:child_process';
import {readFileSync} from 'node:fs';

/**
 * What one run of a command cost: wall-clock and CPU seconds, the latter of all that it started and waited for; `hosts` are
 * CPU seconds on the hosts that it spoke to; not a number where the command has no meter for them.
 */
export type Cost = {wall: number; cpu: number; status: number; hosts: number};

// A time as the shell prints it: `0m1.230000s`.
const seconds = (text: string): number => {
  const [, minutes = '0', rest = '0'] = /(\d+)m([\d.]+)s/.exec(text) ?? [];
  return Number(minutes) * 60 + Number(rest);
};

/** Peak resident memory in MB of the program that runs under a shell; 0 once it has gone. */
const peakOf = (shell: number): number => {
  try {
    const child = readFileSync(`/proc/${String(shell)}/task/${String(shell)}/children`, 'utf8')
      .trim()
      .split(' ')[0];
    const status = readFileSync(`/proc/${child ?? ''}/status`, 'utf8');
    return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
};

export type Command = {
  argv: readonly string[];
  environment?: Readonly<Record<string, string>>;
  /** Brings about what the command is to find; not measured. */
  before?: () => Promise<void>;
  /** CPU seconds that its hosts have spent so far. */
  meter?: () => Promise<number>;
  /** Throws where the command has not done what it was to do; not measured. */
  after?: () => Promise<void>;
};

/** Runs a command under a shell whose `times` tells the CPU time of it and all its children. */
export const measure = async (command: Command, onSample?: (peakMb: number) => void): Promise<Cost> => {
  const started = performance.now();
  const child = spawn('sh', ['-c', '"$@" >/dev/null 2>&1; s=$?; times; exit $s', 'sh', ...command.argv], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {...process.env, ...command.environment},
  });
  const timer = onSample && setInterval(() => onSample(peakOf(child.pid ?? 0)), 20);
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const status = await new Promise<number>((resolve) => {
    child.once('close', (code) => resolve(code ?? -1));
  });
  clearInterval(timer);
  const [, children = ''] = said.trim().split('\n');
  const cpu = children.split(' ').reduce((sum, text) => sum + seconds(text), 0);
  return {wall: (performance.now() - started) / 1000, cpu, status, hosts: 0};
};

export const median = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;

const oneOf = (costs: readonly Cost[], what: Command): Cost => {
  const failed = costs.find(({status}) => status !== 0);
  if (failed) throw new Error(`exit status ${String(failed.status)} of: ${what.argv.join(' ')}`);
  const of = (name: 'wall' | 'cpu' | 'hosts'): number => median(costs.map((cost) => cost[name]));
  return {wall: of('wall'), cpu: of('cpu'), hosts: of('hosts'), status: 0};
};

/** The median cost of each command over several rounds: taken in turns, so that other load meets all of them alike. */
export const rounds = async (commands: readonly Command[], runs: number): Promise<Cost[]> => {
  const costs = commands.map((): Cost[] => []);
  for (let run = 0; run < runs; run++)
    for (const [index, command] of commands.entries()) {
      await command.before?.();
      const before = (await command.meter?.()) ?? Number.NaN;
      const cost = await measure(command);
      const after = (await command.meter?.()) ?? Number.NaN;
      costs[index]?.push({...cost, hosts: after - before});
      await command.after?.();
    }
  return commands.map((command, index) => oneOf(costs[index] ?? [], command));
};
