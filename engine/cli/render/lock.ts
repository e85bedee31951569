import type {LockedName} from '../../actions/lock.ts';
import {printableLine} from '../../model/printable.ts';
import type {Output, Style} from '../output.ts';

const UNITS = ['B', 'KiB', 'MiB', 'GiB'] as const;

/** `132.9 MiB`. */
export const byteText = (bytes: number): string => {
  const power = bytes < 1024 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log2(bytes) / 10));
  return `${(bytes / 1024 ** power).toFixed(power === 0 ? 0 : 1)} ${UNITS[power] ?? 'B'}`;
};

const STYLES: Readonly<Record<LockedName['state'], Style>> = {
  kept: 'dim',
  pinned: 'green',
  updated: 'yellow',
  dropped: 'red',
};

const short = (version: string): string => (/^[0-9a-f]{40,}$/.test(version) ? version.slice(0, 12) : version);

const versions = ({state, before, after}: LockedName): string => {
  const [was, is] = [before, after].map((one) => (one ? printableLine(short(one.version), 60) : ''));
  if (state === 'dropped') return `${was ?? ''}, which nothing asks for any more`;
  return state === 'updated' && was !== is ? `${was ?? ''} → ${is ?? ''}` : (is ?? '');
};

const size = ({after}: LockedName): string => {
  if (!after) return '';
  const bytes = after.files.reduce((sum, file) => sum + file.size, 0);
  return ` (${after.files.length === 1 ? '1 file' : `${String(after.files.length)} files`}, ${byteText(bytes)})`;
};

/** What became of each source, a line each. */
export const renderLocked = (locked: readonly LockedName[], {paint}: Output): string => {
  if (locked.length === 0) return 'nothing asks for a source\n';
  const width = Math.max(...locked.map(({name}) => name.length));
  return locked
    .map((one) => {
      const state = paint(STYLES[one.state], one.state.padEnd('dropped'.length));
      return `${printableLine(one.name).padEnd(width)}  ${state}  ${versions(one)}${size(one)}\n`;
    })
    .join('');
};
