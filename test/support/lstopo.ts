import {type Cpus, formatCpuList} from '../../engine/model/cpulist.ts';
import {parseCpuMask} from '../../engine/model/cpumask.ts';

/** What hwloc says of a machine, each set as a CPU list, sorted: an answer to compare with. */
export type Topology = {
  online: string;
  packages: readonly string[];
  cores: readonly string[];
  /** `NODE:CPUS`. */
  nodes: readonly string[];
  /** The outermost cache of the highest level above each CPU. */
  lastLevelCaches: readonly string[];
};

type XmlObject = {type: string; index: number; cpus: Cpus; depth: number};

// hwloc prints `0xf...f` for sets without end, and leaves out leading groups that are zero as `0x0`.
const cpusOf = (attributes: string): Cpus => {
  const text = /\bcpuset="([^"]*)"/.exec(attributes)?.[1] ?? '';
  return parseCpuMask(text.replaceAll('0x', '').replaceAll(/(?<=^|,)(?=,|$)/g, '0')) ?? [];
};

const objectOf = (attributes: string): XmlObject => ({
  type: /\btype="([^"]*)"/.exec(attributes)?.[1] ?? '',
  index: Number(/\bos_index="(\d+)"/.exec(attributes)?.[1] ?? -1),
  depth: Number(/\bdepth="(\d+)"/.exec(attributes)?.[1] ?? 0),
  cpus: cpusOf(attributes),
});

/** A list of sets: each once, sorted. */
export const setList = (sets: readonly Cpus[]): readonly string[] =>
  [...new Set(sets.map(formatCpuList))].filter((set) => set !== '').sort();

/** Reads `lstopo --of xml`. */
export const parseTopology = (xml: string): Topology => {
  const objects = [...xml.matchAll(/<object ([^>]*)>/g)].map(([, attributes = '']) => objectOf(attributes));
  const setsOf = (type: string): readonly Cpus[] =>
    objects.filter((object) => object.type === type).map(({cpus}) => cpus);
  const caches = objects.filter(({type}) => /^L[2-9]Cache$/.test(type));
  const online = objects.filter(({type}) => type === 'PU').map(({index}) => index);
  const lastLevel = online.map((cpu) => {
    const above = caches.filter(({cpus}) => cpus.includes(cpu));
    return above.sort((a, b) => b.depth - a.depth)[0]?.cpus ?? [];
  });
  return {
    online: formatCpuList(online.sort((a, b) => a - b)),
    packages: setList(setsOf('Package')),
    cores: setList(setsOf('Core')),
    nodes: objects
      .filter(({type}) => type === 'NUMANode')
      .map(({index, cpus}) => `${String(index)}:${formatCpuList(cpus)}`)
      .sort(),
    lastLevelCaches: setList(lastLevel),
  };
};
