import {formatCpuList, parseCpuList, type Cpus} from '../../model/cpulist.ts';
import {formatCpuMask} from '../../model/cpumask.ts';
import {shellQuote} from '../../model/shell.ts';

type Word = (...written: unknown[]) => unknown;

const isCpu = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value < 1_048_576;

/** CPU numbers out of an array of them or a list as text. */
const cpusOf = (word: string, value: unknown): Cpus => {
  const cpus = typeof value === 'string' ? parseCpuList(value) : Array.isArray(value) ? value : undefined;
  if (cpus?.every(isCpu)) return [...new Set(cpus)].sort((a, b) => a - b);
  throw new TypeError(`"${word}" was given ${JSON.stringify(value) ?? 'nothing'}, which is no set of CPUs`);
};

const numberOf = (word: string, value: unknown): number => {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw new TypeError(`"${word}" was given ${JSON.stringify(value) ?? 'nothing'}, which is no whole number`);
};

const SUFFIXES = ['', 'K', 'M', 'G', 'T', 'P'];

const sizeText = (bytes: number): string => {
  let [size, power] = [bytes, 0];
  while (size > 0 && size % 1024 === 0 && power < SUFFIXES.length - 1) [size, power] = [size / 1024, power + 1];
  return `${String(size)}${SUFFIXES[power] ?? ''}`;
};

/**
 * The words that file templates may use beside Handlebars' own `if`, `unless`, `each` and `with`:
 * - `cpuList CPUS`: `0-3,8`, of an array of numbers or of a list as text
 * - `cpuMask CPUS WIDTH`: the kernel's comma-separated hex groups, as wide as WIDTH possible CPUs
 * - `size BYTES`: the shortest exact `2M`-like word, by powers of 1024
 * - `shell TEXT`: one POSIX-sh word
 */
export const FILE_WORDS: Readonly<Record<string, Word>> = {
  cpuList: (cpus) => formatCpuList(cpusOf('cpuList', cpus)),
  cpuMask: (cpus, width) => formatCpuMask(cpusOf('cpuMask', cpus), numberOf('cpuMask', width)),
  size: (bytes) => sizeText(numberOf('size', bytes)),
  shell: (text) => {
    if (typeof text === 'string' || typeof text === 'number') return shellQuote(String(text));
    throw new TypeError(`"shell" was given ${JSON.stringify(text) ?? 'nothing'}, which is no text`);
  },
};
