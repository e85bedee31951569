import type {Facts} from '../../facts/facts.ts';
import type {Change, Step} from '../../model/change.ts';
import type {LastingFile} from './lasting-file.ts';

/** What a file says to the program that reads it: reasons in its comments may change without a change. */
const meaning = (text: string): string =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .join('\n');

const ownText = ({services}: Facts, path: string): string | undefined => services.own?.texts[path];

const lineCount = (text: string): string => {
  const count = meaning(text).split('\n').length;
  return `${String(count)} ${count === 1 ? 'line' : 'lines'}`;
};

/** Whether the host's copy of one of linerate's files already says the same. */
export const isCurrent = (facts: Facts, {path, text}: LastingFile): boolean => {
  const now = ownText(facts, path);
  return now !== undefined && meaning(now) === meaning(text);
};

const RELOAD: Step = {do: 'run', argv: ['systemctl', 'daemon-reload']};

const reloads = (path: string): readonly Step[] => (path.startsWith('/etc/systemd/system/') ? [RELOAD] : []);

type Commands = {after?: readonly Step[]; undo?: readonly Step[]};

/**
 * One file's way to what it shall be; undefined where it already says the same. Undoing puts back what the facts showed, or
 * removes it; a journal that kept the bytes puts those back.
 */
export const fileChange = (facts: Facts, file: LastingFile, commands: Commands = {}): Change | undefined => {
  if (isCurrent(facts, file)) return undefined;
  const {path, text, mode, carries, why} = file;
  const before = ownText(facts, path);
  const back: Step = before === undefined ? {do: 'remove', path} : {do: 'put', path, text: before, mode};
  return {
    id: `file ${path}`,
    layer: 'boot',
    ...(before === undefined ? {} : {before: lineCount(before)}),
    after: lineCount(text),
    effect: 'live',
    why,
    carries,
    steps: [{do: 'put', path, text, mode}, ...reloads(path), ...(commands.after ?? [])],
    undo: [back, ...reloads(path), ...(commands.undo ?? [])],
  };
};
