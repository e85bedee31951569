import type {Facts} from '../../facts/facts.ts';
import type {NumaNode} from '../../facts/numa.ts';
import {compareVersions} from '../../model/version.ts';

/** Huge pages of one size, by NUMA node. */
export type Hugepages = {
  /** 2048 or 1048576. */
  sizeKb: number;
  /** In ascending order of nodes. */
  nodes: readonly {node: number; pages: number}[];
};

export type HugepagesWanted = {size?: '2M' | '1G'; perNode?: number};

const GIB = 1_048_576;
const STEP_KB = 65_536;

const withMemory = ({numa}: Facts): readonly NumaNode[] => numa.nodes.filter(({memoryKb}) => memoryKb > 0);

/** Each NIC's node; of NICs that may be anywhere all nodes, or as many NICs as there are. */
const nicsOn = (facts: Facts, numaNodes: readonly number[]): readonly {node: NumaNode; nics: number}[] => {
  const memory = withMemory(facts);
  const anywhere = numaNodes.filter((node) => !memory.some((one) => one.node === node)).length;
  return memory
    .map((node) => ({node, nics: numaNodes.filter((one) => one === node.node).length + anywhere}))
    .filter(({nics}) => nics > 0);
};

// A GiB for each NIC, as long as three quarters of the node's memory stay; in steps that no boot's small change moves.
const standardKb = ({memoryKb}: NumaNode, nics: number): number =>
  Math.min(nics * GIB, Math.floor(memoryKb / 4 / STEP_KB) * STEP_KB);

/**
 * The huge pages for NICs on these nodes. 1 GiB pages where the CPU has them and each of the nodes can spare one, else 2 MiB;
 * a GiB for each NIC, at most a quarter of its node's memory. The same whoever holds the NICs.
 */
export const hugepagesFor = (facts: Facts, numaNodes: readonly number[], wanted: HugepagesWanted = {}): Hugepages => {
  const nodes = nicsOn(facts, numaNodes);
  const room = nodes.every(({node, nics}) => standardKb(node, nics) >= GIB);
  const sizeKb =
    wanted.size === '1G' || (wanted.size === undefined && room && facts.cpu.flags.includes('pdpe1gb')) ? GIB : 2048;
  return {
    sizeKb,
    nodes: nodes.map(({node, nics}) => ({
      node: node.node,
      pages: wanted.perNode ?? Math.max(1, Math.floor(standardKb(node, nics) / sizeKb)),
    })),
  };
};

/** The value of `hugepages=`: by node since Linux 5.16 (commit b5389086ad7b), before it a number that all nodes share evenly. */
export const hugepagesArgument = (facts: Facts, {nodes}: Hugepages): string =>
  compareVersions(facts.os.kernel, '5.16') >= 0
    ? nodes.map(({node, pages}) => `${String(node)}:${String(pages)}`).join(',')
    : String(Math.max(0, ...nodes.map(({pages}) => pages)) * withMemory(facts).length);

/** Addresses of all other pools that a node may have, so that nobody else's sizing adds to these. */
export const otherPools = (facts: Facts, {sizeKb, nodes}: Hugepages): readonly string[] =>
  withMemory(facts).flatMap(({node, hugepages}) =>
    hugepages
      .filter((pool) => pool.sizeKb !== sizeKb || !nodes.some((one) => one.node === node))
      .map((pool) => `hugepages ${String(node)} ${String(pool.sizeKb)}kB`),
  );
