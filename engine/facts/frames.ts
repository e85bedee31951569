import type {Known} from '../model/known.ts';

/** One command that the probe ran: its exit status and what it printed on both streams, without trailing newlines. */
export type Run = {status: number; output: string};

/**
 * What one probe brought back: files by absolute path, resolved links, directory listings, commands by name.
 * A path that was looked for and is not there is in `absent`; one that the kernel refused to read is in `refused`.
 */
export type Frames = {
  files: ReadonlyMap<string, string>;
  links: ReadonlyMap<string, string>;
  lists: ReadonlyMap<string, readonly string[]>;
  runs: ReadonlyMap<string, Run>;
  absent: ReadonlySet<string>;
  refused: ReadonlyMap<string, string>;
  /** False when the stream ended before the probe's last line: the host went away or the output cap was reached. */
  complete: boolean;
  /** What came before the first frame: banners, a profile that prints. Never trusted, only shown. */
  preamble: string;
};

type Draft = {
  files: Map<string, string>;
  links: Map<string, string>;
  lists: Map<string, readonly string[]>;
  runs: Map<string, Run>;
  absent: Set<string>;
  refused: Map<string, string>;
};

const GREP_ERROR = /^(?:\S*grep): (.+): ([^:]+)$/;

// A PCI address or root bus in a path holds colons of its own: what follows it must be more path, or the text's colon.
const PCI = String.raw`[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]|pci[0-9a-f]{4,8}:[0-9a-f]{2}`;
const NAME_AND_TEXT = new RegExp(String.raw`^((?:(?<=^|/)(?:${PCI})(?=[/:])|[^:])+):`);
const NUMBERED = /^(.+?):(\d{1,5}):(.*)$/;

/** What grep could not read: true when the line was such a complaint. */
const addComplaint = (draft: Draft, line: string, directory: string): boolean => {
  // Looking for the words first spares thousands of good lines the expression.
  const complaint = line.includes('grep: ') ? GREP_ERROR.exec(line) : undefined;
  if (!complaint) return false;
  const path = `${directory}/${complaint[1] ?? ''}`;
  if (complaint[2] === 'No such file or directory') draft.absent.add(path);
  else draft.refused.set(path, complaint[2] ?? '');
  return true;
};

const HEXADECIMAL = /[0-9a-f]{4}$/;

/** The name before the text's colon; undefined when the line has none. */
const nameIn = (line: string): string | undefined => {
  const colon = line.indexOf(':');
  const first = line.slice(0, Math.max(0, colon));
  return colon < 0 || HEXADECIMAL.test(first) ? NAME_AND_TEXT.exec(line)?.[1] : first;
};

/**
 * The answer of one `grep '' FILE…`: lines `name:text`, and its complaints about what it could not read. A name that
 * comes back after others is the same file read again by a second pattern, not more of it.
 */
const addMany = (draft: Draft, directory: string, body: string): void => {
  let current: string | undefined;
  for (const line of body.split('\n')) {
    if (addComplaint(draft, line, directory)) continue;
    const name = nameIn(line);
    if (name === undefined || name === '') continue;
    const text = line.slice(name.length + 1);
    const path = `${directory}/${name}`;
    draft.files.set(path, current === name ? `${draft.files.get(path) ?? ''}\n${text}` : text);
    current = name;
  }
};

/** What matched on one line, word by word, as one text: several commands stay several. */
const joined = (before: string, text: string): string =>
  before === '' || before === text ? text : `${before}${/\s$/.test(before) ? '' : '; '}${text}`;

/**
 * The answer of one `grep -n REGEX ./FILE…`: the lines that matched in their places, empty lines for the others. With
 * `grep -o` a line comes back as often as it matched.
 */
const addSome = (draft: Draft, body: string): void => {
  const found = new Map<string, string[]>();
  for (const line of body.split('\n')) {
    if (addComplaint(draft, line.replace(/^(\S*grep: )\.\//, '$1'), '')) continue;
    const [, name = '', number = '', text = ''] = NUMBERED.exec(line) ?? [];
    if (number === '' || number === '0') continue;
    const lines = found.get(name) ?? [];
    while (lines.length < Number(number)) lines.push('');
    lines[Number(number) - 1] = joined(lines[Number(number) - 1] ?? '', text);
    found.set(name, lines);
  }
  for (const [name, lines] of found) draft.files.set(name.slice(1), lines.join('\n'));
};

/** A link that leads from an image to another place inside it: what was read there is what it holds. */
const addSame = (draft: Draft, path: string, target: string): void => {
  const text = draft.files.get(target);
  const refusal = draft.refused.get(target);
  if (text !== undefined) draft.files.set(path, text);
  if (refusal !== undefined) draft.refused.set(path, refusal);
};

/** A read that failed half-way has left a file frame behind. */
const addRefusal = (draft: Draft, path: string, reason: string): void => {
  draft.files.delete(path);
  draft.refused.set(path, reason);
};

const addFrame = (draft: Draft, head: string, body: string): void => {
  const space = head.indexOf(' ');
  const kind = space < 0 ? head : head.slice(0, space);
  const rest = space < 0 ? '' : head.slice(space + 1);
  if (kind === 'file') draft.files.set(rest, body);
  else if (kind === 'cat') draft.files.set(rest, body.replace(/\n$/, ''));
  else if (kind === 'many') addMany(draft, rest, body);
  else if (kind === 'some') addSome(draft, body);
  else if (kind === 'same') addSame(draft, rest, body);
  else if (kind === 'link') draft.links.set(rest, body);
  else if (kind === 'list') draft.lists.set(rest, body === '' ? [] : body.split('\n'));
  else if (kind === 'none') draft.absent.add(rest);
  else if (kind === 'fail') addRefusal(draft, rest, body);
  else if (kind === 'run') {
    const [status = '', ...name] = rest.split(' ');
    draft.runs.set(name.join(' '), {status: Number(status), output: body});
  }
};

/** Why a path was not read, where somebody tried to. */
export const reasonOf = (frames: Frames, path: string): string =>
  frames.absent.has(path) ? 'no such file' : (frames.refused.get(path) ?? 'not read');

/**
 * Cuts a probe's output into frames. Every frame starts with a line `TOKEN kind name`, and its body is the lines up to
 * the next line that starts with TOKEN; the last frame is `TOKEN end`. The token is a fresh random word for a live
 * host, so that nothing a host holds can pass for a frame.
 */
export const parseFrames = (text: string, token: string): Frames => {
  const draft: Draft = {
    files: new Map(),
    links: new Map(),
    lists: new Map(),
    runs: new Map(),
    absent: new Set(),
    refused: new Map(),
  };
  const mark = `${token} `;
  let position = text.startsWith(mark) ? 0 : text.indexOf(`\n${mark}`) + 1;
  if (position === 0 && !text.startsWith(mark)) return {...draft, complete: false, preamble: text};
  const preamble = text.slice(0, position);
  for (;;) {
    const lineEnd = text.indexOf('\n', position);
    const head = text.slice(position + mark.length, lineEnd < 0 ? undefined : lineEnd);
    if (lineEnd >= 0 && head === 'end') return {...draft, complete: true, preamble};
    // Text up to the next mark only: the last frame of a cut stream may lack some of its own.
    const next = text.startsWith(mark, lineEnd + 1) ? lineEnd : text.indexOf(`\n${mark}`, lineEnd);
    if (lineEnd < 0 || next < 0) return {...draft, complete: false, preamble};
    addFrame(draft, head, text.slice(lineEnd + 1, Math.max(lineEnd + 1, next)));
    position = next + 1;
  }
};

/** A file's text, or why there is none. */
export const fileOf = (frames: Frames, path: string): Known<string> => {
  const text = frames.files.get(path);
  return text === undefined ? {unknown: reasonOf(frames, path)} : text;
};

/** A file's text without the white space around it; undefined when it was not read, whatever the reason. */
export const textOf = (frames: Frames, path: string): string | undefined => frames.files.get(path)?.trim();

/** A file that holds one whole number; undefined when it does not. */
export const numberOf = (frames: Frames, path: string): number | undefined => {
  const text = textOf(frames, path);
  return text !== undefined && /^-?\d+$/.test(text) ? Number(text) : undefined;
};
