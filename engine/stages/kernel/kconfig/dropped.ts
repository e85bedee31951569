import type {RequestedOption} from './configuration.ts';
import {evaluate, type Expression, type Holds, type Value} from './expression.ts';
import type {Definition, KernelSymbol, Symbols} from './symbols.ts';

/** An option as a fragment asks for it, and what came of it. */
export type Dropped = {
  /** Without `CONFIG_`. */
  name: string;
  want: Value;
  /** What the final configuration holds: `n` where it is not in it. */
  found: Value;
  /** Where it is asked for: `config/lab.config:12`. */
  at: string;
  /** The end of a sentence: `depends on PCI (=n: config/lab.config:3)`. */
  why: string;
};

/** What symbols hold, and which request made them so: `: config/lab.config:3`, or nothing. */
type Known = {holds: Holds; from: (name: string) => string};

const plain = (value: Value): Value => value.replace(/^"(.*)"$/s, '$1');

const knownOf = (requested: ReadonlyMap<string, RequestedOption>, configuration: ReadonlyMap<string, Value>): Known => {
  const holds: Holds = (name) => configuration.get(name) ?? 'n';
  return {
    holds,
    from: (name) => {
      const request = requested.get(name);
      return request && plain(request.value) === plain(holds(name)) ? `: ${request.at}` : '';
    },
  };
};

const told = (name: string, known: Known): string => `${name} (=${known.holds(name)}${known.from(name)})`;

const operand = (expression: Expression, known: Known): string => {
  if (expression.is === 'symbol')
    return /^[ymn]$|^-?\d/.test(expression.name) ? expression.name : told(expression.name, known);
  return expression.is === 'text' ? `"${expression.value}"` : sentence(expression, known);
};

/** An expression with what each of its symbols holds. */
const sentence = (expression: Expression, known: Known): string => {
  switch (expression.is) {
    case 'symbol':
    case 'text':
      return operand(expression, known);
    case 'macro':
      return expression.text;
    case 'not':
      return `!${expression.of.is === 'and' || expression.of.is === 'or' ? `(${sentence(expression.of, known)})` : operand(expression.of, known)}`;
    case 'and':
      return `${sentence(expression.left, known)} && ${sentence(expression.right, known)}`;
    case 'or':
      return `(${sentence(expression.left, known)} || ${sentence(expression.right, known)})`;
    case 'compare':
      return `${operand(expression.left, known)} ${expression.operator} ${operand(expression.right, known)}`;
  }
};

/** The conjuncts of a dependency that keep it below `rank`. */
const unmet = (expression: Expression, known: Known, rank: number): readonly Expression[] => {
  if (evaluate(expression, known.holds) >= rank) return [];
  if (expression.is !== 'and') return [expression];
  return [...unmet(expression.left, known, rank), ...unmet(expression.right, known, rank)];
};

const unmetText = (expression: Expression, known: Known, rank: number): string =>
  [...new Set(unmet(expression, known, rank).map((one) => sentence(one, known)))].join(' && ');

const rankOf = (want: Value): number => (want === 'n' ? 0 : want === 'm' ? 1 : 2);

/** Of several definitions the one that is nearest to being met. */
const nearest = (definitions: readonly Definition[], known: Known, rank: number): Definition | undefined =>
  definitions
    .filter(({prompt}) => prompt !== undefined)
    .map((definition) => ({definition, left: unmet(definition.prompt?.when ?? definition.depends, known, rank).length}))
    .sort((a, b) => a.left - b.left)[0]?.definition;

const selectors = ({selectedBy}: KernelSymbol, known: Known): readonly string[] =>
  selectedBy
    .filter(({name, when}) => known.holds(name) !== 'n' && evaluate(when, known.holds) > 0)
    .map(({name}) => told(name, known));

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

const withoutPrompt = ({selectedBy, defaults}: KernelSymbol, known: Known): string => {
  const [first] = defaults;
  const condition = first && unmetText(first.when, known, 2);
  if (condition !== undefined && condition !== '') return `nobody can ask for it: it comes with ${condition}`;
  if (selectedBy.length === 0) return 'nobody can ask for it: it has no prompt, and nothing selects it';
  const names = [...new Set(selectedBy.map(({name}) => name))];
  const more = names.length > MOST_NAMED ? ` or ${String(names.length - MOST_NAMED)} others` : '';
  return `nobody can ask for it: it has no prompt and comes with ${names.slice(0, MOST_NAMED).join(', ')}${more}`;
};

const inChoice = (symbol: KernelSymbol, symbols: Symbols, known: Known): string | undefined => {
  if (symbol.choice === undefined) return undefined;
  const chosen = [...symbols.values()].find(
    ({name, choice}) => choice === symbol.choice && name !== symbol.name && known.holds(name) === 'y',
  );
  return chosen && `${chosen.name} was chosen in its place`;
};

const higher = (symbol: KernelSymbol, found: Value, known: Known): string => {
  const by = selectors(symbol, known);
  return by.length === 0 ? `it came out as ${found}` : `${by.join(', ')} selects it`;
};

const modular = (symbol: KernelSymbol, want: Value): string | undefined =>
  want === 'm' && symbol.type === 'bool' ? 'it can be no module' : undefined;

const isDefined = (name: string, symbols: Symbols): boolean => (symbols.get(name)?.definitions.length ?? 0) > 0;

const why = (name: string, want: Value, found: Value, symbols: Symbols, known: Known): string => {
  const symbol = symbols.get(name);
  if (!symbol || symbol.definitions.length === 0) return `this kernel has no such option${alike(name, symbols)}`;
  if (rankOf(found) > rankOf(want)) return modular(symbol, want) ?? higher(symbol, found, known);
  const definition = nearest(symbol.definitions, known, rankOf(want));
  if (!definition?.prompt) return withoutPrompt(symbol, known);
  const left = unmetText(definition.prompt.when, known, rankOf(want));
  if (left !== '') return `depends on ${left} (${definition.at})`;
  return (
    inChoice(symbol, symbols, known) ?? `it holds ${found}, which its own range or default says (${definition.at})`
  );
};

/**
 * What of the options that fragments ask for a configuration does not hold, and what each lacks.
 * @param requested by their names; `n` is `is not set`
 * @param configuration all that the final `.config` holds
 */
export const droppedOptions = (
  requested: ReadonlyMap<string, RequestedOption>,
  configuration: ReadonlyMap<string, Value>,
  symbols: Symbols,
): readonly Dropped[] => {
  const known = knownOf(requested, configuration);
  return [...requested].flatMap(([name, {value: want, at}]) => {
    const found = known.holds(name);
    // Also what is asked to be off has to be there: otherwise it is misspelt, and something else stays on.
    if (plain(found) === plain(want) && isDefined(name, symbols)) return [];
    return [{name, want, found, at, why: why(name, want, found, symbols, known)}];
  });
};
