import type {Fact} from './fact.ts';
import {type Frames, numberOf, textOf} from './frames.ts';
import {present} from './present.ts';

/** CPU power and clock. */
export type Power = {
  /** By cpufreq policy (`policy0`; `cpu0` on kernels before 4.3): CPUs of one policy share a clock. */
  governors: Readonly<Record<string, string>>;
  availableGovernors: readonly string[];
  driver?: string;
  /** cpuidle: driver and the states of CPU 0 by name, with their exit latency in microseconds. */
  idleDriver?: string;
  idleStates: readonly {name: string; latencyUs: number; disabled: boolean}[];
  energyPreference?: string;
  clocksource?: string;
  availableClocksources: readonly string[];
};

const SYSTEM = '/sys/devices/system';
const CLOCK = `${SYSTEM}/clocksource/clocksource0`;

const SCRIPT = String.raw`
if [ -e "$R${SYSTEM}/cpu/cpufreq/policy0" ]; then
  set -- 'cpu/cpufreq/policy[0-9]*' cpu/cpufreq/policy0
else
  set -- 'cpu/cpu[0-9]*/cpufreq' cpu/cpu0/cpufreq
fi
g ${SYSTEM} "$1/scaling_governor" "$2/scaling_available_governors" "$2/scaling_driver" \
  "$2/energy_performance_preference" cpu/cpuidle/current_driver 'cpu/cpu0/cpuidle/state[0-9]*/name' \
  'cpu/cpu0/cpuidle/state[0-9]*/latency' 'cpu/cpu0/cpuidle/state[0-9]*/disable' \
  'clocksource/clocksource0/*_clocksource'`;

const words = (text: string | undefined): readonly string[] => (text ?? '').split(/\s+/).filter((word) => word !== '');

const GOVERNOR = /\/(?:cpufreq\/(policy\d+)|(cpu\d+)\/cpufreq)\/scaling_governor$/;

const governorsOf = (frames: Frames): Power['governors'] =>
  Object.fromEntries(
    [...frames.files].flatMap(([path, text]) => {
      const match = GOVERNOR.exec(path);
      return match ? [[match[1] ?? match[2] ?? '', text.trim()]] : [];
    }),
  );

const idleStatesOf = (frames: Frames): Power['idleStates'] => {
  const states: Power['idleStates'][number][] = [];
  for (let index = 0; ; index++) {
    const directory = `${SYSTEM}/cpu/cpu0/cpuidle/state${String(index)}`;
    const name = textOf(frames, `${directory}/name`);
    if (name === undefined) return states;
    const latencyUs = numberOf(frames, `${directory}/latency`) ?? 0;
    // A driver's own veto shows as 2 or 3 in newer kernels; anything but 0 is off.
    states.push({name, latencyUs, disabled: (numberOf(frames, `${directory}/disable`) ?? 0) !== 0});
  }
};

const parse = (frames: Frames): Power => {
  const frequency = (name: string): string | undefined =>
    textOf(frames, `${SYSTEM}/cpu/cpufreq/policy0/${name}`) ?? textOf(frames, `${SYSTEM}/cpu/cpu0/cpufreq/${name}`);
  const idleDriver = textOf(frames, `${SYSTEM}/cpu/cpuidle/current_driver`);
  return present({
    governors: governorsOf(frames),
    availableGovernors: words(frequency('scaling_available_governors')),
    driver: frequency('scaling_driver'),
    idleDriver: idleDriver === 'none' ? undefined : idleDriver,
    idleStates: idleStatesOf(frames),
    energyPreference: frequency('energy_performance_preference'),
    clocksource: textOf(frames, `${CLOCK}/current_clocksource`),
    availableClocksources: words(textOf(frames, `${CLOCK}/available_clocksource`)),
  });
};

export const power: Fact<Power> = {name: 'power', script: () => SCRIPT, parse};
