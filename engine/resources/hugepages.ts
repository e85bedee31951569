import type {Facts} from '../facts/facts.ts';
import type {HugepagePool} from '../facts/numa.ts';
import {isUnknown} from '../model/known.ts';
import type {Boot, Held} from '../model/setting.ts';
import {winningLine} from '../facts/sysctls.ts';
import {parseArguments} from './kernel-arguments.ts';
import type {ResourceKind} from './resource.ts';
import {isNumber, sameWords, valueHeld} from './values.ts';

const ADDRESS = /^(\d+) (\d+)kB$/;

const parse = (rest: string): {node: number; sizeKb: number} => {
  const match = ADDRESS.exec(rest);
  return {node: Number(match?.[1] ?? -1), sizeKb: Number(match?.[2] ?? 0)};
};

const poolOf = (facts: Facts, rest: string): HugepagePool | undefined => {
  const {node, sizeKb} = parse(rest);
  return facts.numa.nodes.find((one) => one.node === node)?.hugepages.find((pool) => pool.sizeKb === sizeKb);
};

const live = (facts: Facts, rest: string): Held => valueHeld(poolOf(facts, rest)?.total);

const UNITS: Readonly<Record<string, number>> = {k: 1, m: 1024, g: 1024 * 1024};

const sizeKb = (text: string): number => {
  const match = /^(\d+)([kmg])?$/i.exec(text);
  return match ? Number(match[1]) * (UNITS[(match[2] ?? '').toLowerCase()] ?? 1 / 1024) : 0;
};

/** The part of `hugepages=` that falls to one node: `0:512,1:512` names nodes, a plain number is split evenly. */
const share = (value: string, node: number, nodes: number): number => {
  if (!value.includes(':')) return Math.floor(Number(value) / Math.max(1, nodes));
  const own = value.split(',').find((part) => part.startsWith(`${String(node)}:`));
  return Number(own?.split(':')[1] ?? 0);
};

/** `hugepagesz=1G hugepages=16`: each count is for the size named last before it, at first the default one. */
const fromArguments = (
  commandLine: string,
  wanted: {node: number; sizeKb: number},
  nodes: number,
): number | undefined => {
  const list = parseArguments(commandLine);
  let size = sizeKb(list.findLast(({name}) => name === 'default_hugepagesz')?.value ?? '2M');
  let found: number | undefined;
  for (const {name, value} of list) {
    if (name === 'hugepagesz') size = sizeKb(value);
    else if (name === 'hugepages' && size === wanted.sizeKb) found = share(value, wanted.node, nodes);
  }
  return found;
};

const boot = (facts: Facts, rest: string): Boot => {
  const address = parse(rest);
  const nodes = facts.numa.nodes.filter((node) => node.memoryKb > 0).length;
  const line = address.sizeKb === 2048 ? winningLine(facts.sysctls.configured, 'vm/nr_hugepages') : undefined;
  if (line) return {held: {value: String(share(line.value, address.node, nodes))}, by: line.at};
  const {nextCommandLine, configuredIn} = facts.boot;
  const count = isUnknown(nextCommandLine) ? undefined : fromArguments(nextCommandLine, address, nodes);
  if (count === undefined) return {held: 'default'};
  return {held: {value: String(count)}, by: configuredIn[0] ?? 'the kernel command line'};
};

/** Leaves a fifth of a node's memory to everything else: a kernel without free pages is killed by its own hugepages. */
const most = (facts: Facts, rest: string): number => {
  const {node, sizeKb} = parse(rest);
  const memory = facts.numa.nodes.find((one) => one.node === node)?.memoryKb ?? 0;
  return Math.floor((memory * 0.8) / Math.max(1, sizeKb));
};

// A kernel without NUMA has no folders of nodes; with one node the machine's own pools are that node's.
const poolFile = (facts: Facts, rest: string): string => {
  const {node, sizeKb} = parse(rest);
  const of = facts.numa.nodes.length > 1 ? `devices/system/node/node${String(node)}` : 'kernel/mm';
  return `/sys/${of}/hugepages/hugepages-${String(sizeKb)}kB/nr_hugepages`;
};

/** Reserved pages of one size on one node: `hugepages 0 2048kB` (1048576kB for 1 GiB). */
export const hugepages: ResourceKind = {
  kind: 'hugepages',
  form: 'NODE SIZEkB',
  knows: (rest) => ADDRESS.test(rest),
  problem: (_rest, want) => (isNumber(want) ? undefined : 'is no number of pages'),
  live,
  boot,
  effect: () => 'live',
  undo: () => 'exact',
  same: (_facts, _rest, a, b) => sameWords(a, b),
  steps: (facts, rest, want) => [{do: 'write', path: poolFile(facts, rest), text: want}],
  limit: (facts, rest, want) => {
    const bound = most(facts, rest);
    if (!isNumber(want) || Number(want) <= bound) return {want};
    return {want: String(bound), limit: `asked for ${want} pages, ${String(bound)} fit into 80 % of the node's memory`};
  },
};
