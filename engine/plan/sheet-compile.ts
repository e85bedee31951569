import Handlebars from 'handlebars/dist/handlebars.js';
import * as v from 'valibot';

import {Fault} from '../model/fault.ts';
import {printableLine} from '../model/printable.ts';
import {versionMeets} from '../model/version.ts';
import {isNicAddress, RULE_WORDS} from './sheet-address.ts';
import {sheetView, type SheetView} from './sheet-context.ts';
import {missingFields} from './sheet-fields.ts';
import {address, allOrFaults, checkRow, rowsOf, scalar, scalars, sentence, type Line} from './sheet-rows.ts';
import {sysctlsIn} from './sheet-sysctls.ts';
import {WORDS} from './sheet-words.ts';
import type {Sheet, SheetEntry} from './sheet.ts';

const MARK = '\u0001';

// Handlebars takes a tag that has a line to itself away with the line: a mark would make it a line with text.
const ALONE = /^\s*\{\{~?(?:[#/^!]|else\b)(?:(?!\{\{).)*\}\}\s*$/;

/** The template with each line's number at its end, so that a rendered line knows where it came from. */
const numbered = (text: string): string =>
  text
    .split('\n')
    .map((line, index) => (ALONE.test(line) ? line : `${line}${MARK}${String(index + 1)}`))
    .join('\n');

const unmark = (row: string): Line[] => {
  let number = 1;
  return row.split('\n').map((line) => {
    const [text = '', mark] = line.split(MARK);
    number = mark === undefined ? number : Number(mark);
    return {text, number};
  });
};

const isRange = (range: string): boolean => versionMeets('1', range) !== undefined;

const entrySchema = v.pipe(
  v.strictObject({
    set: address,
    to: v.exactOptional(scalar),
    atLeast: v.exactOptional(scalar),
    noMoreThan: v.exactOptional(scalar),
    insteadOf: v.exactOptional(scalars),
    seen: v.exactOptional(v.boolean('must be true or false')),
    atMost: v.nullish(scalar),
    kernel: v.exactOptional(v.pipe(v.string('must be a text'), v.check(isRange, 'is no range such as ">=4.12 <6.16"'))),
    why: sentence,
    source: sentence,
    cost: v.exactOptional(sentence),
    unconfirmed: v.exactOptional(v.boolean('must be true or false')),
  }),
  v.check(
    ({to, atLeast, noMoreThan}) => [to, atLeast, noMoreThan].filter((value) => value !== undefined).length === 1,
    'needs exactly one of "to", "atLeast" and "noMoreThan"',
  ),
  v.check(({to, insteadOf}) => to !== undefined || insteadOf === undefined, 'needs "to" where it has "insteadOf"'),
  v.check((entry) => {
    const words = RULE_WORDS[entry.set];
    return (
      words === undefined ||
      words.includes(entry.to ?? '') ||
      (entry.set === 'rule rfs' && /^\d+$/.test(entry.to ?? ''))
    );
  }, 'gives a topology rule a word that it does not know'),
);

type Compiled = {entry: SheetEntry; kernel?: string};

const compiledEntry = (row: string, path: string): Compiled => {
  const [found] = rowsOf(unmark(row), path);
  const {value, line} = checkRow(entrySchema, found ?? {lines: []}, path);
  const {kernel, atMost, ...rest} = value;
  const limit = atMost === undefined || atMost === null ? {} : {atMost};
  const entry: SheetEntry = {...rest, ...limit, at: `${path}:${String(line)}`};
  return kernel === undefined ? {entry} : {entry, kernel};
};

const fault = (path: string, message: string, line?: number): Fault =>
  new Fault({
    code: 'sheet-template',
    message: `not a template: ${printableLine(message, 200)}`,
    owner: 'user',
    at: line === undefined ? path : `${path}:${String(line)}`,
  });

const templateFault = (path: string, error: unknown): unknown => {
  if (!(error instanceof Error) || error instanceof Fault) return error;
  const line = /^Parse error on line (\d+)/.exec(error.message)?.[1] ?? / - (\d+):\d+$/.exec(error.message)?.[1];
  const message = error.message
    .replaceAll(new RegExp(`${MARK}\\d*`, 'g'), '')
    .replace(/^Parse error on line \d+:\n(?:.*\n){2}/, '')
    .replace(/^Expecting .*$/, 'a tag is malformed, out of place or not closed')
    .replace(/^You specified knownHelpersOnly, but used the unknown helper (\S+)/, 'there is no helper "$1"')
    .replace(/ - \d+:\d+$/, '');
  return fault(path, message, line === undefined ? undefined : Number(line));
};

const handlebars = Handlebars.create();
handlebars.registerHelper({...WORDS});

const OPTIONS = {
  strict: true,
  noEscape: true,
  knownHelpers: Object.fromEntries(Object.keys(WORDS).map((name) => [name, true])),
  knownHelpersOnly: true,
};

const parsed = (text: string, path: string): ((view: SheetView) => string) => {
  const program = handlebars.parse(numbered(text));
  const [missing] = missingFields(program);
  if (missing) throw fault(path, `there is no "${missing.field}" to render with`, missing.line);
  return handlebars.compile<SheetView>(program, OPTIONS);
};

/** A template is parsed when it is first rendered: a run needs few of all the sheets. */
const templateOf = (text: string, path: string): ((view: SheetView) => string) => {
  let template: ((view: SheetView) => string) | undefined;
  return (view) => {
    try {
      template ??= parsed(text, path);
      return template(view);
    } catch (error) {
      throw templateFault(path, error);
    }
  };
};

const wrongLayer = (entry: SheetEntry): Fault =>
  new Fault({
    code: 'sheet-schema',
    message: `"${entry.set}" is a setting of the host as a whole, and a NIC's sheet has only "nic" and "rule" settings`,
    owner: 'user',
    at: entry.at,
  });

/**
 * Compiles the source of a sheet: Handlebars (strict) around a YAML list of entries. A NIC sheet holds `nic …` and `rule …`
 * entries; a workload sheet rendered with a NIC gives those of its entries, without one the host-wide ones. Entries whose
 * `kernel:` range the host does not meet are left out. Rendered entries are remembered by their text, as most hosts render
 * to the same. `render` throws a `Fault`, or `Faults` (`sheet-template`, `sheet-syntax`, `sheet-schema`), with the file and
 * line of the template.
 *
 * @param path as it is shown: `templates/nics/ice.yaml.hbs`
 */
export const compileSheet = (text: string, path: string, layer: 'workload' | 'nic'): Sheet => {
  const template = templateOf(text, path);
  const remembered = new Map<string, Compiled>();
  const entryOf = (row: string): Compiled => {
    const compiled = remembered.get(row) ?? compiledEntry(row, path);
    remembered.set(row, compiled);
    if (layer === 'nic' && !isNicAddress(compiled.entry.set)) throw wrongLayer(compiled.entry);
    return compiled;
  };
  return {
    id: path.replace(/^.*\//, '').replace(/\.yaml\.hbs$/, ''),
    layer,
    path,
    sysctls: sysctlsIn(text),
    render: (context) => {
      const [head = '', ...rows] = template(sheetView(context)).split(/^(?=- )/m);
      const all = head.startsWith('- ') ? [head, ...rows] : rows;
      if (all.length === rows.length) rowsOf(unmark(head), path);
      return allOrFaults(all, entryOf)
        .filter(({kernel}) => kernel === undefined || versionMeets(context.facts.os.kernel, kernel) === true)
        .map(({entry}) => entry)
        .filter(({set}) => isNicAddress(set) === (context.nic !== undefined));
    },
  };
};
