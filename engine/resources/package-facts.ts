import {askedOf, type Asked} from '../facts/asked.ts';
import type {Held} from '../model/setting.ts';

/** Which program installs packages there. */
export type PackageProgram = 'apt' | 'dnf';

/** What a host knows of one package. */
export type PackageFacts = {
  program: PackageProgram | undefined;
  /** dpkg was cut off in the middle of its work. */
  interrupted: boolean;
  /** It must stay as it is (`apt-mark hold`). */
  onHold: boolean;
  held: Held;
  /** Versions that can be installed, as far as that was looked for. */
  known: readonly string[];
  /** What was looked for is in no list, and the lists are of today. */
  unknown: boolean;
};

const NONE = 'neither apt nor dnf is there to ask';

const stateHeld = ([, state = '', version = '']: readonly string[]): readonly string[] => {
  if (state === 'installed' || state.startsWith('triggers-')) return [version];
  if (state === 'config-files') return ['removed'];
  return state === '' || state === 'not-installed' ? [] : [`${state} ${version}`];
};

const linesAfter = (lines: readonly string[], word: string): readonly string[] =>
  lines.flatMap((line) => (line.startsWith(`${word} `) ? [line.slice(word.length + 1)] : []));

const heldOf = (program: PackageProgram, states: readonly (readonly string[])[]): Held => {
  // dpkg tells a package of several architectures once for each, with one version.
  const told = program === 'apt' ? states.slice(0, 1) : states;
  const values = [...new Set(told.flatMap(stateHeld))];
  return {value: values.length === 0 ? 'absent' : values.sort().join(' ')};
};

/** What `asked_package` said; undefined where nobody asked for this package. */
export const packageFacts = (facts: {asked: Asked}, name: string): PackageFacts | undefined => {
  const text = askedOf(facts, `package ${name}`);
  if (text === undefined) return undefined;
  const [first, ...lines] = text.split('\n');
  const program = first === 'apt' || first === 'dnf' ? first : undefined;
  const states = linesAfter(lines, 'is').map((line) => line.split(' '));
  const known = [...new Set(linesAfter(lines, 'known'))].filter((version) => version !== '');
  return {
    program,
    interrupted: lines.includes('interrupted'),
    onHold: states.some(([wanted]) => wanted === 'hold'),
    held: program === undefined ? {unreadable: NONE} : heldOf(program, states),
    known,
    unknown: known.length === 0 && lines.includes('lists fresh'),
  };
};
