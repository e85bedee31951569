import type {Facts} from '../facts/facts.ts';
import type {Cpus} from '../model/cpulist.ts';
import {formatCpuMask, parseCpuMask} from '../model/cpumask.ts';
import type {Boot, Held} from '../model/setting.ts';
import {maskWidth, rxQueueOf, txQueueOf} from './lookup.ts';
import {queueSteps} from './queue-steps.ts';
import type {ResourceKind} from './resource.ts';
import {heldOf, isNumber, roundUpToPowerOfTwo, sameWords} from './values.ts';

type Address = {nic: string; direction: string; queue: number; attribute: string};

const ADDRESS = /^(\S+) (rx|tx)-(\d+) (rps|rfs|xps|bql\.limit_min|bql\.limit_max)$/;

const parse = (rest: string): Address => {
  const match = ADDRESS.exec(rest);
  return {
    nic: match?.[1] ?? '',
    direction: match?.[2] ?? '',
    queue: Number(match?.[3] ?? -1),
    attribute: match?.[4] ?? '',
  };
};

const numeric = (value: number | undefined): Held => (value === undefined ? 'unsupported' : {value: String(value)});

const noCpus = new Map<number, string>();

/** Most masks of most hosts are empty, and those of one width are all one text. */
const maskText = (cpus: Cpus, width: number): string => {
  if (cpus.length > 0) return formatCpuMask(cpus, width);
  const known = noCpus.get(width) ?? formatCpuMask([], width);
  noCpus.set(width, known);
  return known;
};

// A queue that is not there yet (channels will grow) is `absent`, which is no reason not to plan for it.
const live = (facts: Facts, rest: string): Held => {
  const {nic, queue, attribute} = parse(rest);
  if (attribute === 'rps' || attribute === 'rfs') {
    const rx = rxQueueOf(facts, nic, queue);
    if (!rx) return 'absent';
    if (attribute === 'rfs') return heldOf(rx.rpsFlowCount, (count) => count);
    return heldOf(rx.rps, (cpus) => maskText(cpus, maskWidth(facts)));
  }
  const tx = txQueueOf(facts, nic, queue);
  if (!tx) return 'absent';
  if (attribute === 'xps') return heldOf(tx.xps, (cpus) => maskText(cpus, maskWidth(facts)));
  return numeric(attribute === 'bql.limit_min' ? tx.bqlLimitMin : tx.bqlLimitMax);
};

const boot = (facts: Facts, rest: string): Boot => {
  const {attribute} = parse(rest);
  const by = 'the kernel, for a new queue';
  if (attribute === 'rfs' || attribute === 'bql.limit_min') return {held: {value: '0'}, by};
  const preset = facts.sysctls.live['net/core/rps_default_mask'];
  const changed = typeof preset === 'object' && 'value' in preset && (parseCpuMask(preset.value) ?? []).length > 0;
  if (attribute !== 'rps' || changed) return {held: 'default'};
  return {held: {value: maskText([], maskWidth(facts))}, by};
};

const isMask = (attribute: string): boolean => attribute === 'rps' || attribute === 'xps';

/** A mask's hex digits without leading zeros, whatever its grouping. */
const digits = (mask: string): string => {
  const [first = '', ...rest] = mask.trim().toLowerCase().split(',');
  return [first, ...rest.map((group) => group.padStart(8, '0'))].join('').replace(/^0+/, '');
};

/** Queue attributes: `queue ens1f0 rx-3 rps` and `tx-3 xps` hold masks, `rx-3 rfs` and `tx-3 bql.limit_min` numbers. */
export const queue: ResourceKind = {
  kind: 'queue',
  form: 'NIC QUEUE ATTRIBUTE, e.g. ens1f0 rx-3 rps',
  knows: (rest) => {
    const {direction, attribute} = parse(rest);
    return attribute !== '' && (direction === 'rx') === (attribute === 'rps' || attribute === 'rfs');
  },
  problem: (rest, want) => {
    if (isMask(parse(rest).attribute)) return parseCpuMask(want) ? undefined : 'is no CPU mask';
    return isNumber(want) || want === 'max' ? undefined : 'is no number';
  },
  live,
  boot,
  effect: () => 'live',
  undo: () => 'exact',
  same: (_facts, rest, a, b) => {
    if (a === b) return true;
    return isMask(parse(rest).attribute) ? digits(a) === digits(b) : sameWords(a, b);
  },
  steps: (_facts, rest, want) => {
    const {nic, direction, queue, attribute} = parse(rest);
    return queueSteps(nic, `${direction}-${String(queue)}`, attribute, want);
  },
  limit: (facts, rest, want) => {
    const {nic, queue, attribute} = parse(rest);
    // store_rps_dev_flow_table_cnt rounds up to a power of two: so do we, or it would never read back.
    if (attribute === 'rfs' && isNumber(want) && Number(want) > 0)
      return {want: String(roundUpToPowerOfTwo(Number(want)))};
    const bound = txQueueOf(facts, nic, queue)?.bqlLimitMax;
    return attribute === 'bql.limit_min' && want === 'max' && bound !== undefined ? {want: String(bound)} : {want};
  },
};
