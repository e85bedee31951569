import {parseArguments, PRESENT} from '../../resources/kernel-arguments.ts';

export type Argument = {name: string; value: string};

const HUGEPAGES = new Set(['hugepagesz', 'hugepages']);

const same = (a: string, b: string): boolean => a.replaceAll('-', '_') === b.replaceAll('-', '_');

const word = ({name, value}: Argument): string => (value === PRESENT ? name : `${name}=${value}`);

type Pool = {size: string; count: string};

/** The pools that a command line reserves: each count is for the size named last before it, at first the default one. */
const poolsOf = (list: readonly Argument[]): readonly Pool[] => {
  let size = list.findLast(({name}) => name === 'default_hugepagesz')?.value ?? '2M';
  const pools = new Map<string, Pool>();
  for (const {name, value} of list) {
    if (name === 'hugepagesz') size = value;
    else if (name === 'hugepages') pools.set(size.toUpperCase(), {size, count: value});
  }
  return [...pools.values()];
};

const poolWords = (pools: readonly Pool[]): readonly string[] =>
  pools.flatMap(({size, count}) => [`hugepagesz=${size}`, `hugepages=${count}`]);

export type ArgumentWords = {
  /** Names of which every occurrence goes. */
  without: readonly string[];
  /** What comes in their place, in order. */
  words: readonly string[];
};

/**
 * What must go from a kernel command line and what comes instead, so that it holds the wanted arguments. Huge pages are one
 * block in which each size precedes its count; pools of other sizes that the line reserves stay in it.
 */
export const argumentWords = (commandLine: string, wanted: readonly Argument[]): ArgumentWords => {
  const plain = wanted.filter(({name}) => !HUGEPAGES.has(name));
  const without = plain.map(({name}) => name);
  const words = plain.filter(({value}) => value !== 'absent').map(word);
  if (plain.length === wanted.length) return {without, words};
  const there = parseArguments(commandLine);
  const line = [...there.filter(({name}) => !without.some((one) => same(one, name))), ...plain];
  const value = (name: string): string | undefined => wanted.find((one) => one.name === name)?.value;
  const size = value('hugepagesz') ?? line.findLast(({name}) => name === 'hugepagesz')?.value ?? '2M';
  // A count without a size before it means the default size of the line as it was.
  const others = poolsOf(there).filter((pool) => pool.size.toUpperCase() !== size.toUpperCase());
  const before = poolsOf(there).find((pool) => pool.size.toUpperCase() === size.toUpperCase());
  const count = value('hugepages') ?? before?.count;
  const own = count === undefined || count === 'absent' ? [] : [{size, count}];
  return {without: [...without, ...HUGEPAGES], words: [...words, ...poolWords([...others, ...own])]};
};

/** The words of a command line that `without` names, as they stand there. */
export const wordsNamed = (commandLine: string, without: readonly string[]): readonly string[] =>
  parseArguments(commandLine)
    .filter(({name}) => without.some((one) => same(one, name)))
    .map(word);

/** A command line with those words replaced. */
export const commandLineWith = (commandLine: string, {without, words}: ArgumentWords): string => {
  const kept = commandLine.split(/\s+/).filter((part) => {
    const [name = ''] = part.split('=');
    return part !== '' && !without.some((one) => same(one, name));
  });
  return [...kept, ...words].join(' ');
};
