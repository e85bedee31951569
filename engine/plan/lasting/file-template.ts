import Handlebars from 'handlebars/dist/handlebars.js';

import {Fault} from '../../model/fault.ts';
import {printableLine} from '../../model/printable.ts';
import {FILE_WORDS} from './file-words.ts';

/** Renders a template with these variables; a `Fault` (`file-template`) names template, line and variable. */
export type FileTemplate = (variables: Readonly<Record<string, unknown>>) => string;

type Node = Readonly<Record<string, unknown>>;

/** What Handlebars hands to a block helper after the written arguments. */
type BlockCall = {name: string; loc?: {start: {line: number; column: number}}};

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null;

const BLOCKS = ['if', 'unless', 'each', 'with'] as const;

/** Strict mode looks at what is printed, not at what is handed to a block, which would quietly be taken for false. */
const strictBlocks = (): Record<string, Handlebars.HelperDelegate> =>
  Object.fromEntries(
    BLOCKS.flatMap((name) => {
      const original = Handlebars.helpers[name];
      if (original === undefined) return [];
      const strict: Handlebars.HelperDelegate = function (this: unknown, value: unknown, call: BlockCall) {
        if (value !== undefined) return original.call(this, value, call) as unknown;
        const {line, column} = call.loc?.start ?? {line: 1, column: 0};
        throw new ReferenceError(`"" not defined - ${String(line)}:${String(column)}`);
      };
      return [[name, strict]];
    }),
  );

const handlebars = Handlebars.create();
handlebars.registerHelper({...FILE_WORDS, ...strictBlocks()});

const OPTIONS = {
  strict: true,
  noEscape: true,
  knownHelpers: Object.fromEntries(Object.keys(FILE_WORDS).map((name) => [name, true])),
  knownHelpersOnly: true,
};

/** What each call and each printed path names, by `line:column`. */
const namesIn = (node: unknown, names: Map<string, string>): Map<string, string> => {
  if (Array.isArray(node)) for (const one of node) namesIn(one, names);
  if (!isNode(node) || Array.isArray(node)) return names;
  const start = isNode(node['loc']) && isNode(node['loc']['start']) ? node['loc']['start'] : undefined;
  const params: readonly unknown[] = Array.isArray(node['params']) ? node['params'].slice(0, 1) : [];
  const [argument] = params;
  const original: unknown = isNode(argument) ? argument['original'] : undefined;
  if (start && typeof original === 'string') names.set(`${String(start['line'])}:${String(start['column'])}`, original);
  for (const [key, value] of Object.entries(node)) if (key !== 'loc') namesIn(value, names);
  return names;
};

const PLACE = / - (\d+):(\d+)$/;

/** What a person wants to know of an error of Handlebars or of a word; `argument` is what the block at its place asks for. */
const problemOf = (message: string, argument: string | undefined): string => {
  const [, variable] = /^"(.*)" not defined/.exec(message) ?? [];
  if (variable !== undefined) return `the variable "${variable === '' ? (argument ?? '') : variable}" is missing`;
  const [, helper] = /unknown helper (\S+)/.exec(message) ?? [];
  if (helper !== undefined) return `there is no helper "${helper}"`;
  if (message.startsWith('Parse error')) return 'a tag is malformed, out of place or not closed';
  return printableLine(message.replace(PLACE, ''), 200);
};

const templateFault = (path: string, error: unknown, names: ReadonlyMap<string, string>): unknown => {
  if (!(error instanceof Error) || error instanceof Fault) return error;
  const [, line = /^Parse error on line (\d+)/.exec(error.message)?.[1], column = ''] = PLACE.exec(error.message) ?? [];
  const argument = line === undefined ? undefined : names.get(`${line}:${column}`);
  return new Fault({
    code: 'file-template',
    message: `${path} cannot be rendered: ${problemOf(error.message, argument)}`,
    owner: 'user',
    at: line === undefined ? path : `${path}:${line}`,
  });
};

/**
 * Compiles the template of a file: Handlebars, strict and without HTML's escapes. A variable that a tag names and nobody
 * gave is an error, also where a block asks for it; one that may be missing is given as null.
 *
 * @param path as it is shown: `templates/files/hold.conf.hbs`
 */
export const compileFileTemplate = (text: string, path: string): FileTemplate => {
  let render: ((variables: Readonly<Record<string, unknown>>) => string) | undefined;
  let names: ReadonlyMap<string, string> = new Map();
  return (variables) => {
    try {
      const program = render ? undefined : handlebars.parse(text);
      if (program) names = namesIn(program, new Map());
      render ??= handlebars.compile<Readonly<Record<string, unknown>>>(program, OPTIONS);
      return render(variables);
    } catch (error) {
      throw templateFault(path, error, names);
    }
  };
};
