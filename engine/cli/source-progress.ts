import type {SourceProgress} from '../actions/lock-targets.ts';
import {printableLine} from '../model/printable.ts';
import type {Output} from './output.ts';
import {byteText} from './render/lock.ts';

/** Shows what is being fetched while it lasts; every word of it goes to standard error. */
export type SourceProgressLines = {
  onProgress: (progress: SourceProgress) => void;
  onNote: (text: string) => void;
  /** Clears the line; once is enough, more does no harm. */
  stop: () => void;
};

const EVERY_MS = 200;

const percent = ({bytes, total}: SourceProgress): string =>
  total === undefined || total === 0 ? '' : `${String(Math.floor((bytes / total) * 100))} % of `;

const text = (files: readonly SourceProgress[]): string =>
  files
    .map((file) => `${printableLine(file.name, 60)} ${percent(file)}${byteText(file.total ?? file.bytes)}`)
    .join(', ');

const isUnder = ({bytes, total}: SourceProgress): boolean => total === undefined || bytes < total;

/** A line that is written over on a terminal; otherwise one for each file that is begun. */
export const sourceProgress = (output: Output): SourceProgressLines => {
  const files = new Map<string, SourceProgress>();
  let [shownAt, shown] = [Number.NEGATIVE_INFINITY, false];
  const clear = (): void => {
    if (shown) output.err('\r\u001b[2K');
    shown = false;
  };
  const show = (): void => {
    const now = performance.now();
    if (now - shownAt < EVERY_MS) return;
    shownAt = now;
    const under = text([...files.values()].filter(isUnder));
    clear();
    if (under === '') return;
    output.err(`fetching ${printableLine(under, 90)}`);
    shown = true;
  };
  return {
    onProgress(file) {
      const known = files.has(file.name);
      files.set(file.name, file);
      if (output.interactive) show();
      else if (!known && file.total !== undefined)
        output.err(`fetching ${printableLine(file.name)}, ${byteText(file.total)}\n`);
    },
    onNote(note) {
      clear();
      output.err(`${printableLine(note)}\n`);
    },
    stop: clear,
  };
};
