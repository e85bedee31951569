import type {Facts} from '../facts/facts.ts';
import {isUnknown} from '../model/known.ts';
import {remember} from '../model/remember.ts';
import type {Boot, Held} from '../model/setting.ts';

const ARGUMENT = /(?:[^\s"]|"[^"]*")+/g;

/** What a bare flag such as `nosmt` holds when it is there. */
export const PRESENT = 'present';

/** The kernel's arguments, in order and with repeats; those after ` -- ` are for init. */
export const parseArguments = (commandLine: string): readonly {name: string; value: string}[] => {
  const found: {name: string; value: string}[] = [];
  for (const [word] of commandLine.matchAll(ARGUMENT)) {
    if (word === '--') break;
    const equals = word.indexOf('=');
    const value = equals < 0 ? PRESENT : word.slice(equals + 1).replaceAll('"', '');
    found.push({name: (equals < 0 ? word : word.slice(0, equals)).replaceAll('"', ''), value});
  }
  return found;
};

// The kernel takes dashes and underscores in argument names for the same (parameq in kernel/params.c).
const normal = (name: string): string => name.replaceAll('-', '_');

// Every sysctl and every other setting with a kernel argument looks into the same few command lines.
const lastValues = remember(
  (commandLine): ReadonlyMap<string, string> =>
    new Map(parseArguments(commandLine).map(({name, value}) => [normal(name), value])),
);

/** The last value of an argument, which is the one that counts for most; undefined when it is not there. */
export const argumentOf = (commandLine: string, name: string): string | undefined =>
  lastValues(commandLine).get(normal(name));

export const runningArgument = (facts: Facts, name: string): string | undefined =>
  argumentOf(facts.boot.commandLine, name);

/** An argument of the next boot, with the file that has it; undefined when it is not there or nobody can tell. */
export const nextArgument = (facts: Facts, name: string): {value: string; by: string} | undefined => {
  const {nextCommandLine} = facts.boot;
  if (isUnknown(nextCommandLine)) return undefined;
  const value = argumentOf(nextCommandLine, name);
  if (value === undefined) return undefined;
  const source = facts.boot.sources.find(({text}) => argumentOf(text.replaceAll(/["']/g, ' '), name) !== undefined);
  return {value, by: source?.at ?? facts.boot.configuredIn[0] ?? 'the kernel command line'};
};

/** What a setting holds after a reboot that only a kernel argument would change. */
export const bootFromArgument = (
  facts: Facts,
  name: string,
  read: (value: string) => string | undefined = (value) => value,
): Boot => {
  const argument = nextArgument(facts, name);
  const value = argument && read(argument.value);
  return value === undefined ? {held: 'default'} : {held: {value}, by: `${argument?.by ?? ''} ${name}`.trim()};
};

export const argumentHeld = (value: string | undefined): Held => (value === undefined ? 'absent' : {value});
