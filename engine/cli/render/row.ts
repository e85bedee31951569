import {printable} from '../../model/printable.ts';
import type {Row} from '../../plan/fold.ts';
import type {Output, Style} from '../output.ts';
import {cell, wrap} from './columns.ts';
import {renderFileDiff} from './file-diff.ts';

export type Widths = {label: number; live: number; boot: number; want: number};

const LEAST: Widths = {label: 20, live: 8, boot: 9, want: 8};
const MOST: Widths = {label: 44, live: 34, boot: 30, want: 44};

const clamp = (value: number, least: number, most: number): number => Math.min(most, Math.max(least, value));

/** Column widths that fit all rows; long values are cut unless nothing shall be (`wide`). */
export const widthsOf = (rows: readonly Row[], wide: boolean): Widths => {
  const widest = (column: keyof Widths): number =>
    clamp(Math.max(0, ...rows.map((row) => row[column].length)), LEAST[column], wide ? 400 : MOST[column]);
  return {label: widest('label'), live: widest('live'), boot: widest('boot'), want: widest('want')};
};

export const renderHeadings = (widths: Widths, output: Pick<Output, 'paint'>): string =>
  output.paint(
    'dim',
    `      ${cell('', widths.label)}  ${cell('now', widths.live)}  ${cell('next boot', widths.boot)}  wanted`,
  );

const EFFECT_NOTES = {live: undefined, 'link-flap': 'link flap', restart: 'restart', reboot: 'needs a reboot'} as const;

const notesOf = (row: Row): readonly string[] => {
  const limits = new Set(row.settings.flatMap((setting) => setting.limit ?? []));
  const effect = EFFECT_NOTES[row.effect];
  return [
    ...(effect === undefined
      ? []
      : [row.management && row.effect === 'link-flap' ? `${effect} on the management path` : effect]),
    ...limits,
  ];
};

const markOf = (row: Row): string => (row.pending.length === 0 ? ' ' : row.pending.includes('live') ? '~' : '+');

const details = (row: Row, output: Pick<Output, 'paint'>, width: number): string[] => {
  const [setting] = row.settings;
  if (setting === undefined) return [];
  const said = (word: string, text: string, style: Style): string[] =>
    wrap(printable(text), width - 14).map((line, index) =>
      index === 0 ? `        ${output.paint(style, word.padEnd(5))} ${line}` : `              ${line}`,
    );
  return [
    ...said('why', setting.why, 'cyan'),
    ...(setting.cost === undefined ? [] : said('costs', setting.cost, 'cyan')),
    ...said('says', `${setting.source}${setting.unconfirmed ? ' (unconfirmed)' : ''}; ${setting.from.at}`, 'cyan'),
    ...(setting.boot.by === undefined ? [] : said('boot', setting.boot.by, 'cyan')),
    ...renderFileDiff(setting, output).map((line) => `        ${line}`),
  ];
};

export type RowOptions = {widths: Widths; verbose: boolean; columns: number};

/** One setting: what it holds now and after a reboot (red where wrong), what it shall hold (green), what that disturbs. */
export const renderRow = (row: Row, options: RowOptions, output: Pick<Output, 'paint'>): string[] => {
  const {widths} = options;
  const shade = (layer: 'live' | 'boot', text: string): string =>
    output.paint(row.pending.includes(layer) ? 'red' : 'dim', text);
  const changes = row.pending.length > 0;
  const notes = notesOf(row).map((note) => output.paint('yellow', `[${printable(note)}]`));
  const line = [
    `    ${output.paint(changes ? 'yellow' : 'dim', markOf(row))} ${cell(printable(row.label), widths.label)}`,
    shade('live', cell(printable(row.live), widths.live)),
    shade('boot', cell(printable(row.boot), widths.boot)),
    output.paint(
      changes ? 'green' : 'dim',
      notes.length === 0 ? printable(row.want) : cell(printable(row.want), widths.want),
    ),
    ...notes,
  ].join('  ');
  return [line.trimEnd(), ...(options.verbose ? details(row, output, options.columns || 100) : [])];
};
