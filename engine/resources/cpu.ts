import type {Facts} from '../facts/facts.ts';
import type {Boot, Held} from '../model/setting.ts';
import {governorSteps, governorsNow, idleLatencySteps, idleStatesNow, smtSteps} from './cpu-steps.ts';
import {bootFromArgument, nextArgument} from './kernel-arguments.ts';
import {tunedValue} from './other-programs.ts';
import {affinityNow} from './queue-steps.ts';
import type {ResourceKind} from './resource.ts';
import {isNumber, valueHeld} from './values.ts';

/** One word where all CPUs agree, else the words there are, most common first: `powersave performance`. */
const governor = ({power}: Facts): Held => {
  const counts = new Map<string, number>();
  for (const name of Object.values(power.governors)) counts.set(name, (counts.get(name) ?? 0) + 1);
  if (counts.size === 0) return 'unsupported';
  const names = [...counts].sort(([a, many], [b, others]) => others - many || (a < b ? -1 : 1));
  return {value: names.map(([name]) => name).join(' ')};
};

/**
 * The latency in µs that TuneD's profile holds by /dev/cpu_dma_latency, which nothing shows: `3`, or by C-state,
 * `cstate.id_no_zero:1|3`, of which the first that there is counts.
 */
const tunedLatency = (facts: Facts): {us: number; by: string} | undefined => {
  const tuned = tunedValue(facts, 'cpu', 'force_latency');
  for (const word of tuned?.value.split('|') ?? []) {
    const state = /^cstate\.id(?:_no_zero)?:(\d+)$/.exec(word)?.[1];
    const us = state === undefined ? Number(word) : facts.power.idleStates[Number(state)]?.latencyUs;
    if (tuned && us !== undefined && Number.isFinite(us)) return {us, by: tuned.by};
  }
  return undefined;
};

/** Exit latency in µs of the deepest C-state that may be used. */
const idleLatency = (facts: Facts): Held => {
  const {idleStates} = facts.power;
  if (idleStates.length === 0) return 'unsupported';
  const most = facts.services.services.some(({name, active}) => name === 'tuned' && active)
    ? tunedLatency(facts)
    : undefined;
  const used = idleStates.filter((state) => !state.disabled && state.latencyUs <= (most?.us ?? Infinity));
  return valueHeld(Math.max(0, ...used.map((state) => state.latencyUs)));
};

const smt = ({cpu}: Facts): Held => {
  if (cpu.smtControl === undefined || cpu.smtControl.startsWith('not')) return 'unsupported';
  return {value: cpu.smtControl === 'on' ? 'on' : 'off'};
};

// Disabled states come back with a reboot, so all states do that no argument caps.
const idleBoot = (facts: Facts): Boot => {
  const tuned = tunedLatency(facts);
  if (tuned) return {held: {value: String(tuned.us)}, by: tuned.by};
  const deepest = Math.max(0, ...facts.power.idleStates.map((state) => state.latencyUs));
  const capped = nextArgument(facts, 'intel_idle.max_cstate') ?? nextArgument(facts, 'processor.max_cstate');
  if (!capped || !isNumber(capped.value)) return {held: {value: String(deepest)}, by: 'the kernel’s default'};
  const state = facts.power.idleStates[Number(capped.value)];
  return {held: {value: String(state?.latencyUs ?? deepest)}, by: capped.by};
};

const governorBoot = (facts: Facts): Boot => {
  const tuned = tunedValue(facts, 'cpu', 'governor');
  // TuneD takes the first of `schedutil|ondemand` that there is.
  const name = tuned?.value.split('|').find((one) => facts.power.availableGovernors.includes(one));
  if (tuned && name !== undefined) return {held: {value: name}, by: tuned.by};
  return bootFromArgument(facts, 'cpufreq.default_governor');
};

const READ: Readonly<Record<string, {live: (facts: Facts) => Held; boot: (facts: Facts) => Boot}>> = {
  governor: {live: governor, boot: governorBoot},
  'max-idle-latency': {live: idleLatency, boot: idleBoot},
  smt: {live: smt, boot: (facts) => bootFromArgument(facts, 'nosmt', () => 'off')},
};

/** C-states are on or off as a whole: two latencies are the same when they allow the same states. */
const sameStates = ({power}: Facts, a: string, b: string): boolean =>
  power.idleStates.every(({latencyUs}) => latencyUs <= Number(a) === latencyUs <= Number(b));

/** `cpu governor`, `cpu max-idle-latency` (µs of exit latency that the deepest allowed C-state may have), `cpu smt`. */
export const cpu: ResourceKind = {
  kind: 'cpu',
  form: 'governor, max-idle-latency or smt',
  knows: (rest) => rest in READ,
  problem: (rest, want) => {
    if (rest === 'max-idle-latency') return isNumber(want) ? undefined : 'is no number of microseconds';
    if (rest === 'smt') return ['on', 'off'].includes(want) ? undefined : 'is neither on nor off';
    return /^[a-z_]+$/.test(want) ? undefined : 'is no name of a governor';
  },
  live: (facts, rest) => READ[rest]?.live(facts) ?? 'unsupported',
  boot: (facts, rest) => READ[rest]?.boot(facts) ?? {held: 'default'},
  effect: () => 'live',
  // CPUs that come back have lost the affinities and cpusets that they were in.
  undo: (_facts, rest) => (rest === 'smt' ? 'approximate' : 'exact'),
  same: (facts, rest, a, b) => a === b || (rest === 'max-idle-latency' && sameStates(facts, a, b)),
  steps: (facts, rest, want) => {
    if (rest === 'smt') return smtSteps(want);
    return rest === 'governor' ? governorSteps(facts, want) : idleLatencySteps(facts, want);
  },
  restore: (facts, rest, want) => {
    if (rest === 'governor') return governorsNow(facts);
    if (rest === 'max-idle-latency') return idleStatesNow(facts, want);
    return [...smtSteps(facts.cpu.smtControl ?? 'on'), ...facts.nics.flatMap((nic) => affinityNow(nic))];
  },
  fixed: ({power}, rest) =>
    rest === 'governor' && power.availableGovernors.length === 1
      ? `the clock driver ${power.driver ?? ''} offers only ${power.availableGovernors.join(' ')}`
      : undefined,
};
