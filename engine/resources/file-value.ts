import {sha256} from '../model/sha256.ts';

/** Whoever may do what with a file: permission bits as 0o644, owner as `USER:GROUP`. */
export type Access = {mode: number; owner: string};

/** What lies at a path. Of a file that is no text, or a large one, only the digest is known. */
export type FileState =
  | {is: 'absent'}
  | {is: 'link'; target: string}
  | ({is: 'folder'} & Access)
  | ({is: 'text'; text: string} & Access)
  | ({is: 'bytes'; sha256: string} & Access);

const accessWords = ({mode, owner}: Access): string => `${mode.toString(8).padStart(4, '0')} ${owner}`;

/**
 * A state as the text that a setting holds: `absent`, `link TARGET`, `folder 0755 root:root`,
 * `0755 root:root sha256:HEX`, or `0644 root:root`, a newline and the file's text.
 */
export const fileText = (state: FileState): string => {
  if (state.is === 'absent') return 'absent';
  if (state.is === 'link') return `link ${state.target}`;
  if (state.is === 'folder') return `folder ${accessWords(state)}`;
  return state.is === 'bytes' ? `${accessWords(state)} sha256:${state.sha256}` : `${accessWords(state)}\n${state.text}`;
};

const NAME = String.raw`[\w][\w.-]*\$?`;
const ACCESS = String.raw`([0-7]{4}) (${NAME}:${NAME})`;
const FOLDER = new RegExp(`^folder ${ACCESS}$`);
const BYTES = new RegExp(`^${ACCESS} sha256:([0-9a-f]{64})$`);
const TEXT = new RegExp(`^${ACCESS}\n`);

const accessOf = ([, mode = '', owner = '']: readonly string[]): Access => ({mode: Number.parseInt(mode, 8), owner});

/** Reads such a text; undefined where it is none. */
export const parseFileText = (value: string): FileState | undefined => {
  if (value === 'absent') return {is: 'absent'};
  if (value.startsWith('link ') && value.length > 5) return {is: 'link', target: value.slice(5)};
  const folder = FOLDER.exec(value);
  if (folder) return {is: 'folder', ...accessOf(folder)};
  const bytes = BYTES.exec(value);
  if (bytes) return {is: 'bytes', ...accessOf(bytes), sha256: bytes[3] ?? ''};
  const text = TEXT.exec(value);
  return text ? {is: 'text', ...accessOf(text), text: value.slice(text[0].length)} : undefined;
};

const digestOf = (state: FileState): string | undefined => {
  if (state.is === 'bytes') return state.sha256;
  return state.is === 'text' ? sha256(new TextEncoder().encode(state.text)) : undefined;
};

const withDigest = (state: FileState, sum: string): string =>
  'mode' in state ? fileText({is: 'bytes', mode: state.mode, owner: state.owner, sha256: sum}) : '';

/** Whether two such texts say the same; a text and its digest do. */
export const sameFile = (a: string, b: string): boolean => {
  if (a === b) return true;
  const [one, other] = [parseFileText(a), parseFileText(b)];
  if (!one || !other || one.is === other.is) return false;
  const [sum, otherSum] = [digestOf(one), digestOf(other)];
  return sum !== undefined && otherSum === sum && withDigest(one, sum) === withDigest(other, sum);
};

const sizeText = (text: string): string => {
  const lines = text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
  return text === '' ? 'empty' : lines === 1 ? '1 line' : `${String(lines)} lines`;
};

const hex = (state: FileState): string => (digestOf(state) ?? '').slice(0, 8);

/** A state in a few words that tell two texts apart: `12 lines (1f3a5c7d), 0644 root:root`. */
export const shownFile = (value: string): string => {
  const state = parseFileText(value);
  if (!state) return value;
  if (state.is === 'absent' || state.is === 'link') return value;
  if (state.is === 'folder') return `folder, ${accessWords(state)}`;
  const size = state.is === 'text' ? sizeText(state.text) : 'bytes';
  return `${size} (${hex(state)}), ${accessWords(state)}`;
};
