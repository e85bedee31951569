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

/** systemd.syntax(7), QUOTING: escapes as in C; `%%` as in systemd.unit(5), SPECIFIERS. */
const unitWord = (word: string, value: unknown): string => {
  if (typeof value !== 'string' && typeof value !== 'number')
    throw new TypeError(`"${word}" was given ${JSON.stringify(value) ?? 'nothing'}, which is no text`);
  const text = String(value);
  if (/[^\P{Cc}\n\t]/u.test(text)) throw new TypeError(`"${word}" was given control characters`);
  if (/^[\w@:,./=+-]+$/.test(text)) return text;
  const escaped = text
    .replaceAll('\\', String.raw`\\`)
    .replaceAll('"', String.raw`\"`)
    .replaceAll('\n', String.raw`\n`)
    .replaceAll('\t', String.raw`\t`)
    .replaceAll('%', '%%');
  return `"${escaped}"`;
};

/**
 * The words that file templates may use beside Handlebars' own `if`, `unless`, `each` and `with`:
 * - `cpuList CPUS`: `0-3,8`, of an array of numbers or of a list as text
 * - `cpuMask CPUS WIDTH`: the kernel's comma-separated hex groups, as wide as WIDTH possible CPUs
 * - `size BYTES`: the shortest exact `2M`-like word, by powers of 1024
 * - `shell TEXT`: one POSIX-sh word
 * - `unit TEXT`: one word of a setting in a systemd unit; `command TEXT` one of a command there (`$` means itself)
 */
export const FILE_WORDS: Readonly<Record<string, Word>> = {
  cpuList: (cpus) => formatCpuList(cpusOf('cpuList', cpus)),
  cpuMask: (cpus, width) => formatCpuMask(cpusOf('cpuMask', cpus), numberOf('cpuMask', width)),
  unit: (value) => unitWord('unit', value),
  command: (value) => unitWord('command', value).replaceAll('$', '$$$$'),
  size: (bytes) => sizeText(numberOf('size', bytes)),
  shell: (text) => {
    if (typeof text === 'string' || typeof text === 'number') return shellQuote(String(text));
    throw new TypeError(`"shell" was given ${JSON.stringify(text) ?? 'nothing'}, which is no text`);
  },
};
