import type {StoreRow} from '../../actions/store.ts';
import {printable} from '../../model/printable.ts';

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** `812 B`, `1.5 GiB`. */
export const size = (bytes: number): string => {
  const power = Math.min(UNITS.length - 1, bytes < 1 ? 0 : Math.floor(Math.log2(bytes) / 10));
  const number = bytes / 1024 ** power;
  return `${power === 0 ? String(number) : number.toFixed(1)} ${UNITS[power] ?? ''}`;
};

const DAY = 86_400_000;

const age = (milliseconds: number): string => {
  const days = Math.max(0, Math.floor(milliseconds / DAY));
  return days === 0 ? 'today' : `${String(days)} d ago`;
};

const SHORT = 12;

/** A line an output: its stage, the start of its id, its size, when it was used last. */
export const storeTable = (rows: readonly StoreRow[], nowMs: number): string => {
  const cells = rows.map((row) => [
    printable(row.name),
    row.id.slice(0, SHORT),
    size(row.bytes),
    `used ${age(nowMs - row.usedMs)}`,
  ]);
  const widths = [0, 1, 2].map((column) => Math.max(0, ...cells.map((cell) => cell[column]?.length ?? 0)));
  return cells
    .map(
      (cell) =>
        `${cell
          .map((text, column) => text.padEnd(widths[column] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
};
