import {globPattern} from '../../facts/glob.ts';
import type {Nic} from '../../facts/nic.ts';
import {type File, type Persisted, spoken} from './persisted.ts';
import {commandSettings} from './tool-words.ts';

/** Variables that hold the interface which a hook runs for, by the program that runs it. */
const VARIABLES: readonly (readonly [path: RegExp, names: RegExp])[] = [
  [/^\/etc\/network\/if-(?:pre-)?up\.d\//, /^IFACE$/],
  [/^\/etc\/NetworkManager\/dispatcher\.d\//, /^(?:1|IFACE|INTERFACE|DEVICE_IFACE|DEVICE_IP_IFACE)$/],
  [/^\/etc\/networkd-dispatcher\//, /^IFACE$/],
];

const GUARD = /\[+\s+["']?\$\{?(\w+)\}?["']?\s+(=|==|!=|=~)\s+["']?([\w.*-]+)["']?|\bcase\s+["']?\$\{?(\w+)/g;

type Guard = {line: number; names: RegExp | undefined};

/** For which interfaces a hook goes on; a `case` and a `!=` may mean any, and count for none. That it is not lo is no condition. */
const guardsOf = (lines: readonly string[]): readonly Guard[] =>
  lines.flatMap((text, line) =>
    [...text.matchAll(GUARD)].flatMap(([, , operator, name = '']) => {
      if (operator === '!=' && name === 'lo') return [];
      return [{line, names: operator === '=' || operator === '==' ? globPattern(name) : undefined}];
    }),
  );

const variableOf = (word: string): string | undefined => /^\$\{?(\w+)\}?$/.exec(word)?.[1];

/** What a script's line that names its interface by a variable is for: the guard beside it decides, else those of the file. */
const guarded = (guards: readonly Guard[], line: number, nic: Nic): boolean => {
  const beside = guards.filter((guard) => guard.line === line);
  const deciding = beside.length > 0 ? beside : guards;
  return deciding.length === 0 || deciding.some(({names}) => names?.test(nic.name));
};

const settingsOf = ({path, text}: File): readonly Persisted[] => {
  const lines = text.split('\n');
  const guards = guardsOf(lines);
  const variables = VARIABLES.find(([pattern]) => pattern.test(path))?.[1];
  const takes = (word: string, line: number, nic: Nic): boolean => {
    const variable = variableOf(word);
    if (variable === undefined) return nic.name === word;
    return variables?.test(variable) === true && guarded(guards, line, nic);
  };
  return lines.flatMap((line, index) =>
    commandSettings(line).map(({nic: word, attribute, value}) => ({
      attribute,
      value: spoken(attribute, value),
      at: `${path}:${String(index + 1)}`,
      takes: (nic: Nic) => takes(word, index, nic),
    })),
  );
};

const HOOKS = VARIABLES.map(([path]) => path);

/** What hooks, units and boot scripts set, in the order in which they run: hooks as links come up, rc.local last. */
export const scriptSettings = (files: readonly File[]): readonly Persisted[] => {
  const hooks = files.filter(({path}) => HOOKS.some((pattern) => pattern.test(path)));
  const rest = files.filter((file) => !hooks.includes(file));
  const ofKind = (kind: File['kind']): readonly File[] => rest.filter((file) => file.kind === kind);
  return [...hooks, ...ofKind('vendor'), ...ofKind('unit'), ...ofKind('rc.local')].flatMap(settingsOf);
};
