import type {Value} from './expression.ts';

const SET = /^CONFIG_(\w+)=(.*)$/;
const UNSET = /^# CONFIG_(\w+) is not set$/;

/** What a line of a configuration says of an option, by its name without `CONFIG_`; `n` for `is not set`. */
const optionOf = (line: string): {name: string; value: Value} | undefined => {
  const [, unset] = UNSET.exec(line.trim()) ?? [];
  if (unset !== undefined) return {name: unset, value: 'n'};
  const [, name, value = ''] = SET.exec(line.trim()) ?? [];
  return name === undefined ? undefined : {name, value};
};

/** A `.config` or a fragment of one: options by their names without `CONFIG_`; `n` for `is not set`. The last line counts. */
export const parseConfiguration = (text: string): ReadonlyMap<string, Value> =>
  new Map(
    text.split('\n').flatMap((line) => {
      const option = optionOf(line);
      return option ? [[option.name, option.value] as const] : [];
    }),
  );

/** An option that a fragment asks for, and where it does: `config/lab.config:12`. */
export type RequestedOption = {value: Value; at: string};

/** What fragments ask for together, by the options' names: a later fragment and a later line win. */
export const requestedOptions = (
  fragments: readonly {path: string; text: string}[],
): ReadonlyMap<string, RequestedOption> =>
  new Map(
    fragments.flatMap(({path, text}) =>
      text.split('\n').flatMap((line, index) => {
        const option = optionOf(line);
        return option ? [[option.name, {value: option.value, at: `${path}:${String(index + 1)}`}] as const] : [];
      }),
    ),
  );

/** An option of two configurations that differs. */
export type Difference = {name: string; before: Value | undefined; after: Value | undefined};

/** What two configurations do not share, in the order of the names; undefined where one does not have the option. */
export const configurationDifferences = (
  before: ReadonlyMap<string, Value>,
  after: ReadonlyMap<string, Value>,
): readonly Difference[] =>
  [...new Set([...before.keys(), ...after.keys()])]
    .sort()
    .map((name) => ({name, before: before.get(name), after: after.get(name)}))
    .filter((one) => one.before !== one.after);
