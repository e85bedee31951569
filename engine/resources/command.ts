import * as v from 'valibot';
import {heldAsked} from '../facts/asked.ts';
import type {Step} from '../model/change.ts';
import {shellJoin, shellQuote} from '../model/shell.ts';
import type {ResourceKind} from './resource.ts';

const Argv = v.pipe(v.array(v.pipe(v.string(), v.excludes('\0'))), v.minLength(1));

const Command = v.strictObject({
  run: Argv,
  /** Only reads; ends with status 0 where there is nothing to do. */
  unless: v.exactOptional(Argv),
  /** A path that is there once it was run. */
  creates: v.exactOptional(v.pipe(v.string(), v.regex(/^\/[^\0]*$/))),
  undo: v.exactOptional(Argv),
});

/** A program, and how to see that it need not be run. */
export type Command = v.InferOutput<typeof Command>;

/** A command as the text that a setting holds; `done` where its condition holds. */
export const commandText = (command: Command, done: boolean): string =>
  `${done ? 'done' : 'not done'}: ${JSON.stringify(v.parse(Command, command))}`;

const FORM = /^(done|not done): (\{.*\})$/s;

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const parse = (value: string): {done: boolean; command: Command} | undefined => {
  const [, word, text = ''] = FORM.exec(value) ?? [];
  const parsed = v.safeParse(Command, parseJson(text));
  return parsed.success ? {done: word === 'done', command: parsed.output} : undefined;
};

const problem = (want: string): string | undefined => {
  const found = parse(want);
  if (!found) return 'is no command';
  const {unless, creates} = found.command;
  return (unless === undefined) === (creates === undefined)
    ? 'needs one of unless and creates: how to see that it need not be run'
    : undefined;
};

/** A command's condition as shell text. */
const test = ({unless, creates}: Command): string =>
  unless === undefined
    ? `[ -e ${shellQuote(creates ?? '')} ] || [ -h ${shellQuote(creates ?? '')} ]`
    : `(${shellJoin(unless)}) </dev/null >/dev/null 2>&1`;

/** What says whether the condition holds: the value itself, done or not. */
const condition = (name: string, command: Command, texts: {done: string; not: string}): string => {
  const say = (text: string): string => `say ${shellQuote(`asked command ${name}`)} ${shellQuote(text)}`;
  // Programs of an image are not run.
  return `if [ -n "$R" ]; then :; elif ${test(command)}; then ${say(texts.done)}; else ${say(texts.not)}; fi`;
};

const read = (name: string, want: string): string => {
  const found = parse(want);
  if (!found) return '';
  const {command} = found;
  return condition(name, command, {done: commandText(command, true), not: commandText(command, false)});
};

const run = (argv: readonly string[] | undefined): readonly Step[] | undefined => argv && [{do: 'run', argv}];

/**
 * A program that a recipe has run once, where its condition does not hold: `done: {"run": […], "unless": […]}`. Its name
 * tells it from others.
 */
export const command: ResourceKind = {
  kind: 'command',
  form: 'NAME, a word of letters, digits, dots and dashes',
  knows: (name) => /^[A-Za-z0-9][\w.-]{0,63}$/.test(name),
  problem: (_name, want) => problem(want),
  reads: read,
  onDisk: true,
  shown: (value) => {
    const found = parse(value);
    if (!found) return value;
    return found.done ? `done: ${shellJoin(found.command.run)}` : 'not done';
  },
  live: (facts, name) => heldAsked(facts, `command ${name}`, (value) => ({value})),
  boot: () => ({held: 'default'}),
  effect: () => 'live',
  undo: (_facts, _name, want) => (parse(want)?.command.undo ? 'exact' : 'never'),
  same: (_facts, _name, is, want) => is === want,
  steps: (_facts, _name, want) => {
    const found = parse(want);
    return found && run(found.done ? found.command.run : found.command.undo);
  },
  restore: (_facts, name, want) => {
    const {command: one} = parse(want) ?? {};
    // Where the command has done nothing yet its undo may fail.
    return one?.undo && run(['/bin/sh', '-c', `${shellJoin(one.undo)} || ! { ${test(one)}; }`, `undo of ${name}`]);
  },
};
