import type {Value} from './expression.ts';

const SET = /^CONFIG_(\w+)=(.*)$/;
const UNSET = /^# CONFIG_(\w+) is not set$/;

/** A `.config` or a fragment of one: options by their names without `CONFIG_`; `n` for `is not set`. The last line counts. */
export const parseConfiguration = (text: string): ReadonlyMap<string, Value> => {
  const options = new Map<string, Value>();
  for (const line of text.split('\n')) {
    const [, unset] = UNSET.exec(line.trim()) ?? [];
    const [, name, value = ''] = SET.exec(line.trim()) ?? [];
    if (unset !== undefined) options.set(unset, 'n');
    else if (name !== undefined) options.set(name, value);
  }
  return options;
};

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
