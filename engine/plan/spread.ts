import type {Cpu, CpuThread} from '../facts/cpu.ts';
import {formatCpuList, type Cpus} from '../model/cpulist.ts';

const list = (cpus: Cpus): string => `CPU${cpus.length === 1 ? '' : 's'} ${formatCpuList(cpus)}`;

const place = (cpus: Cpus, threads: ReadonlyMap<number, CpuThread>): string => {
  const nodes = new Set(cpus.map((cpu) => threads.get(cpu)?.node ?? -1));
  const [node = -1] = nodes;
  return nodes.size === 1 && node >= 0 ? ` on node ${String(node)}` : '';
};

/** The lowest sibling stands for the core; undefined where the topology is not known. */
const coreOf = (cpu: number, threads: ReadonlyMap<number, CpuThread>): number | undefined =>
  threads.get(cpu)?.siblings[0];

const singles = (cpus: Cpus, items: number, threads: ReadonlyMap<number, CpuThread>): string => {
  const distinct = [...new Set(cpus)].sort((a, b) => a - b);
  const where = `${place(distinct, threads)} (${list(distinct)})`;
  if (distinct.length === items) {
    const cores = new Set(distinct.map((cpu) => coreOf(cpu, threads)));
    const oneEach = cores.size === items && !cores.has(undefined);
    return `${oneEach ? 'one per core' : 'one per CPU'}${where}`;
  }
  const counts = distinct.map((cpu) => cpus.filter((other) => other === cpu).length);
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  const each = least === most ? String(most) : `${String(least)} to ${String(most)}`;
  return `${each} per CPU${where}`;
};

/**
 * Many CPU sets (one an IRQ or a queue) in a few words: `all on CPU 0`, `one per core on node 1 (CPUs 16-31)`,
 * `2 per CPU (CPUs 0-3)`, `off`.
 */
export const spreadText = (sets: readonly Cpus[], cpu?: Pick<Cpu, 'threads'>): string => {
  const texts = new Set(sets.map((set) => formatCpuList(set)));
  const [first = []] = sets;
  const threads = new Map((cpu?.threads ?? []).map((thread) => [thread.cpu, thread]));
  if (texts.size === 1) return first.length === 0 ? 'off' : sets.length === 1 ? list(first) : `all on ${list(first)}`;
  if (sets.every((set) => set.length === 1)) return singles(sets.flat(), sets.length, threads);
  const all = [...new Set(sets.flat())].sort((a, b) => a - b);
  const sizes = sets.map((set) => set.length);
  const shared =
    sizes.reduce((sum, size) => sum + size, 0) === all.length &&
    !sizes.includes(0) &&
    Math.max(...sizes) - Math.min(...sizes) <= 1;
  return shared ? `shared out evenly over ${list(all)}` : `unevenly over ${list(all)}`;
};
