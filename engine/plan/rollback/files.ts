import type {Frames} from '../../facts/frames.ts';
import type {Change, Step} from '../../model/change.ts';
import type {Block, SettingId} from '../../model/setting.ts';
import {shellQuote} from '../../model/shell.ts';
import type {Journal} from '../run/history.ts';
import {LOOKS} from '../run/record.ts';
import {type Apply, isConfirmed} from './applies.ts';
import type {Conflict} from './rollback-plan.ts';

/** A file that a run wrote: what it was like before, then, and is like now, in the words of `looks`. */
export type WrittenFile = {path: string; run: Journal; kept: string; before: string; wrote: string; now: string};

export type FilesBack = {
  /** In the order in which they go back. */
  changes: readonly Change[];
  conflicts: readonly Conflict[];
  blocks: readonly Block[];
};

type Lasting = Journal['lasting'][number];

// Of an `unpersisted` run the host has already taken the files back.
const persisted = ({runs}: Apply): readonly Journal[] =>
  runs.filter(({state}) => state === 'confirmed').filter((run) => run.lasting.length > 0);

const keptAt = (run: Journal, path: string): string => `${run.folder}/before/${String(run.files.indexOf(path))}`;

const filesOfRun = (run: Journal): readonly string[] => [...new Set(run.lasting.flatMap(({files}) => files))];

/** What to read of an apply's files: in the probe's functions; it writes nothing. */
export const fileScripts = (apply: Apply): readonly string[] => {
  const files = apply.runs
    .filter(isConfirmed)
    .flatMap((run) => run.files.map((path) => ({path, kept: keptAt(run, path)})));
  if (files.length === 0) return [];
  return [
    LOOKS,
    ...files.flatMap(({path, kept}) => [
      `say ${shellQuote(`now ${path}`)} "$(looks ${shellQuote(path)})"`,
      `if [ -e ${shellQuote(kept)} ] || [ -h ${shellQuote(kept)} ]; then say ${shellQuote(`kept ${kept}`)} "$(looks ${shellQuote(kept)})"`,
      `elif [ -e ${shellQuote(`${kept}.absent`)} ]; then say ${shellQuote(`kept ${kept}`)} absent; fi`,
    ]),
  ];
};

const writtenFile = (frames: Frames, run: Journal, path: string): WrittenFile => {
  const kept = keptAt(run, path);
  const said = (name: string): string => frames.runs.get(name)?.output ?? 'other';
  return {
    path,
    run,
    kept,
    before: said(`kept ${kept}`),
    wrote: run.wrote.get(path) ?? 'other',
    now: said(`now ${path}`),
  };
};

const backStep = ({path, before, kept}: WrittenFile): Step =>
  before === 'absent' ? {do: 'remove', path} : {do: 'return', path, from: kept};

const changeBack = (run: Journal, lasting: Lasting, files: readonly WrittenFile[]): Change | undefined => {
  const left = files.filter(({before, now}) => before !== now);
  if (files.length > 0 && left.length === 0) return undefined;
  return {
    id: lasting.id,
    layer: 'boot',
    before: lasting.after,
    after: lasting.before ?? (files.length > 0 ? 'absent' : 'as before'),
    effect: lasting.effect,
    why: `as it was before run ${run.id}`,
    carries: [],
    steps: [...left.map(backStep), ...lasting.back],
    undo: lasting.forth,
  };
};

/** Folders that the run made go once they are empty, the deepest first. */
const foldersBack = (run: Journal): readonly Change[] => {
  const folders = run.made
    .filter((path) => !path.startsWith('/run/'))
    .toSorted()
    .toReversed();
  if (folders.length === 0) return [];
  return [
    {
      id: 'command rmdir',
      layer: 'boot',
      after: 'folders that the run made are gone where they are empty',
      effect: 'live',
      why: `as it was before run ${run.id}`,
      carries: [],
      steps: [{do: 'run', argv: ['rmdir', '--ignore-fail-on-non-empty', '--', ...folders], optional: true}],
      undo: [],
    },
  ];
};

const conflictOf = ({path, before, wrote, now}: WrittenFile): readonly Conflict[] =>
  now === before || now === wrote ? [] : [{id: `file ${path}`, before, after: wrote, found: now}];

// Without what the journal kept there is no way back, forced or not.
const lostOf = ({path, before}: WrittenFile): readonly Block[] =>
  before === 'other' ? [{id: `file ${path}`, reason: 'the journal no longer keeps what it was'}] : [];

const runBack = (run: Journal, files: ReadonlyMap<string, WrittenFile>): FilesBack => {
  const blocks = [...files.values()].flatMap(lostOf);
  const changes = run.lasting.toReversed().flatMap((lasting) => {
    const own = lasting.files.flatMap((path) => files.get(path) ?? []);
    return own.some((file) => lostOf(file).length > 0) ? [] : (changeBack(run, lasting, own) ?? []);
  });
  return {
    changes: changes.length === 0 ? [] : [...changes, ...foldersBack(run)],
    conflicts: [...files.values()].flatMap(conflictOf),
    blocks,
  };
};

/** What takes an apply's files and units back: of what was made last first. */
export const filesBack = (frames: Frames, apply: Apply): FilesBack => {
  // Where a later run of the apply wrote a file again, an earlier one meets it as the later one's return leaves it.
  const returned = new Map<string, string>();
  const runs = persisted(apply)
    .toReversed()
    .map((run) => {
      const files = filesOfRun(run).map((path) => {
        const file = writtenFile(frames, run, path);
        return {...file, now: returned.get(path) ?? file.now};
      });
      for (const {path, before, now} of files) returned.set(path, before === 'other' ? now : before);
      return runBack(run, new Map(files.map((file) => [file.path, file])));
    });
  return {
    changes: runs.flatMap(({changes}) => changes),
    conflicts: runs.flatMap(({conflicts}) => conflicts),
    blocks: runs.flatMap(({blocks}) => blocks),
  };
};

/** The steps that bring back what a live setting has in files or folders, by the setting: those of the apply's first run for it. */
const liveSteps = (frames: Frames, apply: Apply): ReadonlyMap<SettingId, readonly Step[]> =>
  new Map(
    apply.runs
      .filter(isConfirmed)
      .flatMap((run) =>
        run.changes.flatMap(({id, files, back}) => {
          const written = files.map((path) => writtenFile(frames, run, path));
          if (files.length + back.length === 0 || written.some((file) => lostOf(file).length > 0)) return [];
          return [[id, [...written.map(backStep), ...back]] as const];
        }),
      )
      .toReversed(),
  );

/**
 * Live changes whose settings lie in files (irqbalance's drop-in) bring back those files themselves: what the setting held
 * before does not tell whether a file said so.
 */
export const withFilesBack = (frames: Frames, apply: Apply, changes: readonly Change[]): readonly Change[] => {
  const steps = liveSteps(frames, apply);
  return changes.map((change) =>
    change.with === undefined ? {...change, steps: steps.get(change.id) ?? change.steps} : change,
  );
};
