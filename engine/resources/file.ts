import {askedOf, heldAsked} from '../facts/asked.ts';
import type {Facts} from '../facts/facts.ts';
import {isOwnFile} from '../facts/own-files.ts';
import type {Step} from '../model/change.ts';
import {fileHeld, readFileScript} from './file-read.ts';
import {parseFileText, sameFile, shownFile, type Access, type FileState} from './file-value.ts';
import type {ResourceKind} from './resource.ts';

const PATH = /^(?:\/[^/\s\p{Cc}]+)+$/u;

const KERNEL = /^\/(?:proc|sys|dev)(?:\/|$)/;
const OWN_FOLDERS = /^\/(?:run|var\/lib|var\/cache)\/linerate(?:\/|$)/;

const knows = (path: string): boolean => PATH.test(path) && !/\/\.{1,2}(?:\/|$)/.test(path);

const pathProblem = (path: string): string | undefined => {
  if (KERNEL.test(path)) return 'cannot lie below /proc, /sys or /dev';
  return isOwnFile(path) || OWN_FOLDERS.test(path) ? 'would be in the place of a file of linerate’s own' : undefined;
};

/** The longest text that a plan carries, in bytes; what is longer is uploaded. */
const LONGEST_WANT = 256 * 1024;

const valueProblem = (want: string): string | undefined => {
  const state = parseFileText(want);
  if (!state) return 'is no state of a file: absent, link, folder, or mode, owner and text';
  if ('owner' in state && /^\d+:|:\d+$/.test(state.owner)) return 'names its owner by a number';
  if (state.is === 'link') return /[\p{Cc}]/u.test(state.target) ? 'has control characters in its target' : undefined;
  if (state.is !== 'text') return undefined;
  if (state.text.includes('\0') || !state.text.isWellFormed()) return 'is no text';
  return new TextEncoder().encode(state.text).length > LONGEST_WANT
    ? 'is longer than 256 KiB: upload it instead'
    : undefined;
};

const said = (facts: Facts, path: string): string => askedOf(facts, `file ${path}`) ?? '';

const now = (facts: Facts, path: string): FileState | undefined => {
  const held = fileHeld(said(facts, path));
  return typeof held === 'object' && 'value' in held ? parseFileText(held.value) : undefined;
};

const run = (...argv: string[]): Step => ({do: 'run', argv});
const attempt = (...argv: string[]): Step => ({do: 'run', argv, optional: true});

/** Where an upload for this path lies on the host: by digest, so that each is sent once. */
export const uploadedAt = (path: string, sha256: string): string =>
  `/var/cache/linerate/${sha256}/${path.slice(path.lastIndexOf('/') + 1)}`;

const octal = ({mode}: Access): string => mode.toString(8).padStart(4, '0');

const accessSteps = (path: string, access: Access): readonly Step[] => [
  // In this order: chown takes setuid bits away.
  run('chown', '--', access.owner, path),
  run('chmod', '--', octal(access), path),
];

// cp brings the label of the folder that it comes from.
const labelled = ({platform}: Facts, path: string): readonly Step[] =>
  platform.selinux === 'disabled' ? [] : [attempt('restorecon', '-F', '--', path)];

const STAGED = '/run/linerate/.link';

const without = (facts: Facts, path: string): readonly Step[] =>
  now(facts, path)?.is === 'folder' ? [run('rmdir', '--', path)] : [{do: 'remove', path}];

const stepsTo = (facts: Facts, path: string, want: FileState): readonly Step[] => {
  if (want.is === 'absent') return without(facts, path);
  if (want.is === 'folder') return [run('mkdir', '-p', '--', path), ...accessSteps(path, want)];
  if (want.is === 'text') return [{do: 'put', path, text: want.text, mode: want.mode, owner: want.owner}];
  if (want.is === 'link') return [run('ln', '-sfn', '--', want.target, STAGED), {do: 'return', path, from: STAGED}];
  const from = uploadedAt(path, want.sha256);
  return [{do: 'return', path, from}, ...accessSteps(path, want), ...labelled(facts, path)];
};

const UNITS = /^\/(?:etc|run|(?:usr\/|usr\/local\/)?lib)\/systemd\/system\//;

export const DAEMON_RELOAD: Step = {do: 'run', argv: ['systemctl', 'daemon-reload']};

/** What systemd must be told when this path is another file. */
const told = ({os}: Facts, path: string): readonly Step[] =>
  os.init === 'systemd' && UNITS.test(path) ? [DAEMON_RELOAD] : [];

/** The folders above a missing path that are not there either, the path first. */
const missing = (facts: Facts, path: string): readonly string[] => {
  const lines = said(facts, path).split('\n');
  return lines[0] === 'absent' ? [path, ...lines.slice(1)] : [];
};

/** What is in a folder that is to go; empty for anything else. */
export const entriesOf = (facts: Facts, path: string): readonly string[] => {
  const [first = '', ...names] = said(facts, path).split('\n');
  return first.startsWith('folder ') ? names.filter((name) => name !== '') : [];
};

/** What was there comes back from the run's journal, which keeps files whole; folders it does not keep. */
const stepsBack = (facts: Facts, path: string, want: string): readonly Step[] => {
  const before = now(facts, path);
  if (before?.is === 'folder') return stepsTo(facts, path, before);
  if (parseFileText(want)?.is === 'folder') return missing(facts, path).map((folder) => attempt('rmdir', '--', folder));
  if (before?.is === 'absent') return [{do: 'remove', path}];
  return before?.is === 'text' ? stepsTo(facts, path, before) : [];
};

const folderRefusal = (before: FileState, want: FileState): string | undefined => {
  if (before.is === 'folder' && want.is !== 'folder' && want.is !== 'absent')
    return 'it is a folder, which is not taken away for a file';
  if (want.is === 'folder' && before.is !== 'folder' && before.is !== 'absent')
    return 'it is no folder, and what is there is not taken away for one';
  return undefined;
};

/**
 * What lies at a path: a text with mode and owner, a larger file by its digest, a link, a folder, or nothing. A link at the
 * path itself is replaced and not followed; links above it are followed.
 */
export const file: ResourceKind = {
  kind: 'file',
  form: 'PATH, absolute, without blanks or ..',
  knows,
  problem: (path, want) => pathProblem(path) ?? valueProblem(want),
  reads: readFileScript,
  onDisk: true,
  shown: shownFile,
  live: (facts, path) => heldAsked(facts, `file ${path}`, fileHeld),
  boot: () => ({held: 'default'}),
  effect: () => 'live',
  undo: () => 'exact',
  same: (_facts, _path, a, b) => sameFile(a, b),
  steps: (facts, path, want) => {
    const state = parseFileText(want);
    return state && [...stepsTo(facts, path, state), ...told(facts, path)];
  },
  restore: (facts, path, want) => [...stepsBack(facts, path, want), ...told(facts, path)],
  fixed: (facts, path, want) => {
    if (said(facts, path) === 'other') return 'it is a device, a socket or a pipe';
    const [before, after] = [now(facts, path), parseFileText(want)];
    return before && after && folderRefusal(before, after);
  },
};
