import {loadFileTemplates} from '../../engine/catalogue/file-templates.ts';
import {isOwnFile} from '../../engine/facts/own-files.ts';
import type {Frames} from '../../engine/facts/frames.ts';
import type {Change, Step} from '../../engine/model/change.ts';

export const TEMPLATES = loadFileTemplates();

const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** The probe's lists by the folders whose files they name. */
const LISTED: readonly (readonly [RegExp, string])[] = [
  [/^\/etc\/sysctl\.d\//, 'sysctl.d'],
  [/^\/etc\/modprobe\.d\//, 'modprobe.d'],
  [/^\/etc\/modules-load\.d\//, 'modules-load.d'],
  [/^\/etc\/security\/limits\.d\//, 'limits'],
  [/^\/etc\/systemd\/system\.conf\.d\//, 'manager-limits'],
];

type Draft = {
  files: Map<string, string>;
  lists: Map<string, readonly string[]>;
  runs: Map<string, {status: number; output: string}>;
};

const withoutComments = (text: string): string => text.replaceAll(/^\s*#.*$/gm, '');

const place = (draft: Draft, path: string, text: string | undefined): void => {
  const list = LISTED.find(([pattern]) => pattern.test(path))?.[1];
  const others = (draft.lists.get(list ?? '') ?? []).filter((one) => one !== path);
  if (list !== undefined) draft.lists.set(list, text === undefined ? others : [...others, path]);
  for (const one of [path, `/own${path}`]) draft.files.delete(one);
  if (text === undefined) return;
  if (list !== undefined || path.endsWith('.mount')) draft.files.set(path, withoutComments(text));
  if (isOwnFile(path)) draft.files.set(`/own${path}`, text.trimEnd());
};

const turn = (draft: Draft, verb: string, units: readonly string[]): void => {
  const own = units.filter((unit) => unit.startsWith('linerate-') || unit.endsWith('.mount'));
  const wants = own.map((unit) => `/etc/systemd/system/any.target.wants/${unit}`);
  const others = (draft.lists.get('own-enabled') ?? []).filter((path) => !units.includes(baseName(path)));
  if (own.length > 0) draft.lists.set('own-enabled', verb === 'enable' ? [...others, ...wants] : others);
  const names = new Set(units.map((unit) => unit.replace(/\.service$/, '')));
  const started = (draft.runs.get('services-wanted')?.output ?? '').split(' ').filter((name) => !names.has(name));
  const output = [...started, ...(verb === 'enable' ? names : [])].join(' ');
  draft.runs.set('services-wanted', {status: 0, output});
};

const carryOut = (draft: Draft, step: Step): void => {
  if (step.do === 'put') place(draft, step.path, step.text);
  if (step.do === 'remove') place(draft, step.path, undefined);
  const [program, verb = '', ...rest] = step.do === 'run' ? step.argv : [];
  if (program === 'systemctl' && (verb === 'enable' || verb === 'disable')) turn(draft, verb, rest);
};

/** What the probe would bring back once these steps were carried out: their files and enabled units, as far as it looks. */
export const framesAfter = (frames: Frames, steps: readonly Step[]): Frames => {
  const draft = {files: new Map(frames.files), lists: new Map(frames.lists), runs: new Map(frames.runs)};
  for (const step of steps) carryOut(draft, step);
  return {...frames, ...draft};
};

export const stepsOf = (changes: readonly Change[]): readonly Step[] => changes.flatMap(({steps}) => steps);

/** All undo steps, the last change's first. */
export const undoOf = (changes: readonly Change[]): readonly Step[] => changes.toReversed().flatMap(({undo}) => undo);

/** The text that these changes put at a path. */
export const textAt = (changes: readonly Change[], path: string): string | undefined =>
  stepsOf(changes)
    .flatMap((step) => (step.do === 'put' && step.path === path ? [step.text] : []))
    .at(-1);
