import {parseArguments, PRESENT} from '../../resources/kernel-arguments.ts';

export type Argument = {name: string; value: string};

const POOL_WORDS = ['hugepagesz', 'hugepages'];

// A count without a size before it is for the default size.
const HUGEPAGES = new Set(['default_hugepagesz', ...POOL_WORDS]);

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

const sameSize = (a: string, b: string): boolean => a.toUpperCase() === b.toUpperCase();

/** The block of all pools: those that the line reserves, and the wanted one last. */
const poolBlock = (there: readonly Argument[], wanted: ReadonlyMap<string, string>): readonly string[] => {
  const pools = poolsOf(there);
  const size = wanted.get('hugepagesz') ?? there.findLast(({name}) => name === 'hugepagesz')?.value ?? pools[0]?.size;
  const own = size ?? wanted.get('default_hugepagesz') ?? '2M';
  const before = pools.find((pool) => sameSize(pool.size, own));
  const count = wanted.get('hugepages') ?? before?.count ?? 'absent';
  const others = poolWords(pools.filter((pool) => pool !== before));
  if (count !== 'absent') return [...others, ...poolWords([{size: own, count}])];
  return wanted.has('hugepagesz') && own !== 'absent' ? [...others, `hugepagesz=${own}`] : others;
};

/**
 * What must go from a kernel command line and what comes instead, so that it holds the wanted arguments. Huge pages are one
 * block in which each size precedes its count; pools of other sizes that the line reserves stay in it.
 */
export const argumentWords = (commandLine: string, wanted: readonly Argument[]): ArgumentWords => {
  const plain = wanted.filter(({name}) => !POOL_WORDS.includes(name));
  const without = plain.map(({name}) => name);
  const words = plain.filter(({value}) => value !== 'absent').map(word);
  if (!wanted.some(({name}) => HUGEPAGES.has(name))) return {without, words};
  const values = new Map(wanted.map(({name, value}) => [name, value]));
  return {
    without: [...without, ...POOL_WORDS],
    words: [...words, ...poolBlock(parseArguments(commandLine), values)],
  };
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
