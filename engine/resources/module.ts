import type {Facts} from '../facts/facts.ts';
import type {Held} from '../model/setting.ts';
import {nextArgument} from './kernel-arguments.ts';
import type {ResourceKind} from './resource.ts';
import {sameWords, switchOf, valueHeld} from './values.ts';

const split = (rest: string): [module: string, option: string] => {
  const [module = '', option = ''] = rest.split(' ');
  return [module.replaceAll('-', '_'), option];
};

const live = (facts: Facts, rest: string): Held => {
  const [module, option] = split(rest);
  const parameters = facts.modules.parameters[module];
  if (parameters?.[option] !== undefined) return valueHeld(parameters[option]);
  if (!facts.modules.loaded.includes(module)) return 'absent';
  return parameters === undefined ? {unreadable: 'the module shows no parameters'} : 'unsupported';
};

const isLoaded = (facts: Facts, rest: string): boolean => facts.modules.loaded.includes(split(rest)[0]);

const optionIn = (text: string, option: string): string | undefined =>
  text
    .split(/\s+/)
    .findLast((word) => word.startsWith(`${option}=`))
    ?.slice(option.length + 1);

/** Module parameters: `module nf_conntrack hashsize`. The last modprobe.d line that names one wins; then the command line. */
export const module: ResourceKind = {
  kind: 'module',
  form: 'NAME OPTION',
  knows: (rest) => /^[\w-]+ \w+$/.test(rest),
  problem: (_rest, want) => (/[\s"'\\]/.test(want) || want === '' ? 'is no module option' : undefined),
  live,
  boot: (facts, rest) => {
    const [module, option] = split(rest);
    const argument = nextArgument(facts, `${module}.${option}`);
    if (argument) return {held: {value: argument.value}, by: argument.by};
    const lines = facts.modules.options.filter((line) => line.module.replaceAll('-', '_') === module);
    const line = lines.findLast(({text}) => optionIn(text, option) !== undefined);
    const value = line && optionIn(line.text, option);
    return value === undefined ? {held: 'default'} : {held: {value}, by: line?.at ?? ''};
  },
  effect: (facts, rest) => (isLoaded(facts, rest) ? 'reboot' : 'live'),
  undo: (facts, rest) => (isLoaded(facts, rest) ? 'reboot' : 'exact'),
  same: (_facts, _rest, a, b) => sameWords(a, b) || (switchOf(a) !== undefined && switchOf(a) === switchOf(b)),
  // A module that is there already takes its options when it is loaded next.
  steps: (facts, rest, want) => {
    const [module, option] = split(rest);
    return isLoaded(facts, rest) ? undefined : [{do: 'run', argv: ['modprobe', module, `${option}=${want}`]}];
  },
  restore: (_facts, rest) => [{do: 'run', argv: ['modprobe', '-r', split(rest)[0]]}],
};
