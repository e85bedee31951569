import type {Facts} from '../facts/facts.ts';
import type {Step} from '../model/change.ts';

const CPUS = '/sys/devices/system/cpu';

/** Kernels before 4.3 have no folder of policies. */
const governorFile = (policy: string): string =>
  policy.startsWith('policy')
    ? `${CPUS}/cpufreq/${policy}/scaling_governor`
    : `${CPUS}/${policy}/cpufreq/scaling_governor`;

/** The governor of every clock policy; undefined for a mixture, which no single word can bring about. */
export const governorSteps = ({power}: Facts, want: string): readonly Step[] | undefined =>
  want.includes(' ')
    ? undefined
    : Object.keys(power.governors).map((policy) => ({do: 'write', path: governorFile(policy), text: want}));

export const governorsNow = ({power}: Facts): readonly Step[] =>
  Object.entries(power.governors).map(([policy, text]) => ({do: 'write', path: governorFile(policy), text}));

type IdleState = Facts['power']['idleStates'][number];

/** Switches a state on every CPU: cpuidle has no other switch. What stands as wanted on CPU 0 is left alone. */
const idleSteps = (
  {cpu, power}: Facts,
  want: string,
  disabled: (state: IdleState, tooDeep: boolean) => boolean,
): readonly Step[] =>
  power.idleStates.flatMap((state, index) => {
    const tooDeep = state.latencyUs > Number(want);
    if (tooDeep === state.disabled) return [];
    const text = disabled(state, tooDeep) ? '1' : '0';
    return cpu.online.map((number) => ({
      do: 'write' as const,
      path: `${CPUS}/cpu${String(number)}/cpuidle/state${String(index)}/disable`,
      text,
    }));
  });

/** Switches off the C-states that take longer than so many µs to leave, and the others on. */
export const idleLatencySteps = (facts: Facts, want: string): readonly Step[] =>
  idleSteps(facts, want, (_state, tooDeep) => tooDeep);

/** Brings back those that `idleLatencySteps` switches. */
export const idleStatesNow = (facts: Facts, want: string): readonly Step[] =>
  idleSteps(facts, want, (state) => state.disabled);

export const smtSteps = (want: string): readonly Step[] => [{do: 'write', path: `${CPUS}/smt/control`, text: want}];
