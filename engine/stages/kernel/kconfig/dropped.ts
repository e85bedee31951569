import {evaluate, type Expression, type Holds, type Value} from './expression.ts';
import type {Definition, KernelSymbol, Symbols} from './symbols.ts';

/** An option as a fragment asks for it, and what came of it. */
export type Dropped = {
  /** Without `CONFIG_`. */
  name: string;
  want: Value;
  /** What the final configuration holds: `n` where it is not in it. */
  found: Value;
  /** The end of a sentence: `depends on PCI (=n)`. */
  why: string;
};

const holdsOf =
  (configuration: ReadonlyMap<string, Value>): Holds =>
  (name) =>
    configuration.get(name) ?? 'n';

const told = (name: string, holds: Holds): string => `${name} (=${holds(name)})`;

const operand = (expression: Expression, holds: Holds): string => {
  if (expression.is === 'symbol')
    return /^[ymn]$|^-?\d/.test(expression.name) ? expression.name : told(expression.name, holds);
  return expression.is === 'text' ? `"${expression.value}"` : sentence(expression, holds);
};

/** An expression with what each of its symbols holds. */
const sentence = (expression: Expression, holds: Holds): string => {
  switch (expression.is) {
    case 'symbol':
    case 'text':
      return operand(expression, holds);
    case 'macro':
      return expression.text;
    case 'not':
      return `!${expression.of.is === 'and' || expression.of.is === 'or' ? `(${sentence(expression.of, holds)})` : operand(expression.of, holds)}`;
    case 'and':
      return `${sentence(expression.left, holds)} && ${sentence(expression.right, holds)}`;
    case 'or':
      return `(${sentence(expression.left, holds)} || ${sentence(expression.right, holds)})`;
    case 'compare':
      return `${operand(expression.left, holds)} ${expression.operator} ${operand(expression.right, holds)}`;
  }
};

/** The conjuncts of a dependency that keep it below `rank`. */
const unmet = (expression: Expression, holds: Holds, rank: number): readonly Expression[] => {
  if (evaluate(expression, holds) >= rank) return [];
  if (expression.is !== 'and') return [expression];
  return [...unmet(expression.left, holds, rank), ...unmet(expression.right, holds, rank)];
};

const unmetText = (expression: Expression, holds: Holds, rank: number): string =>
  [...new Set(unmet(expression, holds, rank).map((one) => sentence(one, holds)))].join(' && ');

const rankOf = (want: Value): number => (want === 'n' ? 0 : want === 'm' ? 1 : 2);

/** Of several definitions the one that is nearest to being met. */
const nearest = (definitions: readonly Definition[], holds: Holds, rank: number): Definition | undefined =>
  definitions
    .filter(({prompt}) => prompt !== undefined)
    .map((definition) => ({definition, left: unmet(definition.prompt?.when ?? definition.depends, holds, rank).length}))
    .sort((a, b) => a.left - b.left)[0]?.definition;

const selectors = ({selectedBy}: KernelSymbol, holds: Holds): readonly string[] =>
  selectedBy
    .filter(({name, when}) => holds(name) !== 'n' && evaluate(when, holds) > 0)
    .map(({name}) => told(name, holds));

const distance = (a: string, b: string): number => {
  let before = Array.from({length: b.length + 1}, (_, index) => index);
  for (let row = 1; row <= a.length; row++) {
    const now = [row];
    for (let column = 1; column <= b.length; column++) {
      const change = (before[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      now.push(Math.min(change, (before[column] ?? 0) + 1, (now[column - 1] ?? 0) + 1));
    }
    before = now;
  }
  return before.at(-1) ?? 0;
};

const alike = (name: string, symbols: Symbols): string => {
  const [near] = [...symbols.values()]
    .filter(({definitions}) => definitions.length > 0)
    .map((symbol) => ({name: symbol.name, far: distance(name, symbol.name)}))
    .filter(({far}) => far <= Math.max(2, name.length / 5))
    .sort((a, b) => a.far - b.far);
  return near === undefined ? '' : `; ${near.name} does`;
};

const MOST_NAMED = 6;

const withoutPrompt = ({selectedBy, defaults}: KernelSymbol, holds: Holds): string => {
  const [first] = defaults;
  const condition = first && unmetText(first.when, holds, 2);
  if (condition !== undefined && condition !== '') return `nobody can ask for it: it comes with ${condition}`;
  if (selectedBy.length === 0) return 'nobody can ask for it: it has no prompt, and nothing selects it';
  const names = [...new Set(selectedBy.map(({name}) => name))];
  const more = names.length > MOST_NAMED ? ` or ${String(names.length - MOST_NAMED)} others` : '';
  return `nobody can ask for it: it has no prompt and comes with ${names.slice(0, MOST_NAMED).join(', ')}${more}`;
};

const inChoice = (symbol: KernelSymbol, symbols: Symbols, holds: Holds): string | undefined => {
  if (symbol.choice === undefined) return undefined;
  const chosen = [...symbols.values()].find(
    ({name, choice}) => choice === symbol.choice && name !== symbol.name && holds(name) === 'y',
  );
  return chosen && `${chosen.name} was chosen in its place`;
};

const higher = (symbol: KernelSymbol, found: Value, holds: Holds): string => {
  const by = selectors(symbol, holds);
  return by.length === 0 ? `it came out as ${found}` : `${by.join(', ')} selects it`;
};

const modular = (symbol: KernelSymbol, want: Value): string | undefined =>
  want === 'm' && symbol.type === 'bool' ? 'it can be no module' : undefined;

const why = (name: string, want: Value, found: Value, symbols: Symbols, holds: Holds): string => {
  const symbol = symbols.get(name);
  if (!symbol || symbol.definitions.length === 0) return `this kernel has no such option${alike(name, symbols)}`;
  if (rankOf(found) > rankOf(want)) return modular(symbol, want) ?? higher(symbol, found, holds);
  const definition = nearest(symbol.definitions, holds, rankOf(want));
  if (!definition?.prompt) return withoutPrompt(symbol, holds);
  const left = unmetText(definition.prompt.when, holds, rankOf(want));
  if (left !== '') return `depends on ${left} (${definition.at})`;
  return (
    inChoice(symbol, symbols, holds) ?? `it holds ${found}, which its own range or default says (${definition.at})`
  );
};

const plain = (value: Value): Value => value.replace(/^"(.*)"$/s, '$1');

/**
 * What of the options that fragments ask for a configuration does not hold, and what each lacks.
 * @param requested by their names, the last fragment's value; `n` is `is not set`
 * @param configuration all that the final `.config` holds
 */
export const droppedOptions = (
  requested: ReadonlyMap<string, Value>,
  configuration: ReadonlyMap<string, Value>,
  symbols: Symbols,
): readonly Dropped[] => {
  const holds = holdsOf(configuration);
  return [...requested].flatMap(([name, want]) => {
    const found = holds(name);
    // What is not there is off, whether the kernel knows it or not.
    if (plain(found) === plain(want)) return [];
    return [{name, want, found, why: why(name, want, found, symbols, holds)}];
  });
};
