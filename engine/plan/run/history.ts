import * as v from 'valibot';
import type {Frames} from '../../facts/frames.ts';
import {printableLine} from '../../model/printable.ts';
import {isOver, parseLog, type RunEvent, type RunState, stateOf} from './answer.ts';
import {KEPT, RUNNING} from './library-journal.ts';

const Command = v.object({do: v.literal('run'), argv: v.array(v.string()), optional: v.exactOptional(v.literal(true))});

const DisturbedStep = v.variant('do', [
  v.object({do: v.literal('write'), path: v.string(), text: v.string(), ifOther: v.exactOptional(v.literal(true))}),
  v.object({do: v.literal('affinity'), irq: v.string(), cpus: v.string()}),
]);

const Told = v.object({
  id: v.string(),
  layer: v.picklist(['live', 'boot']),
  before: v.optional(v.string()),
  after: v.string(),
  effect: v.picklist(['live', 'link-flap', 'restart', 'reboot']),
  why: v.string(),
});

const Live = v.object({
  ...Told.entries,
  disturbs: v.optional(v.array(DisturbedStep), []),
  files: v.optional(v.array(v.string()), []),
  back: v.optional(v.array(Command), []),
});

const Lasting = v.object({
  ...Told.entries,
  files: v.optional(v.array(v.string()), []),
  forth: v.optional(v.array(Command), []),
  back: v.optional(v.array(Command), []),
});

const Record = v.object({
  format: v.literal('linerate-run'),
  version: v.literal(1),
  id: v.string(),
  host: v.string(),
  by: v.string(),
  at: v.string(),
  digest: v.string(),
  rollback: v.exactOptional(v.object({apply: v.string(), last: v.boolean()})),
  trial: v.exactOptional(v.object({tries: v.string(), carries: v.array(v.string())})),
  files: v.optional(v.array(v.string()), []),
  changes: v.array(Live),
  lasting: v.array(Lasting),
});

/** What a host keeps of a run. */
export type Journal = v.InferOutput<typeof Record> & {
  state: RunState | 'unknown';
  /** The address that the run came from; absent when it came from the host itself. */
  from?: string;
  /** Where it lies on the host. */
  folder: string;
  events: readonly RunEvent[];
  /** What each of `files` was like once the run had written it, in the words of `looks`; empty where it wrote none. */
  wrote: ReadonlyMap<string, string>;
  /** Folders that the run made. */
  made: readonly string[];
};

/** What to read for the history: in the probe's functions. */
export const historyScripts = (): readonly string[] => [
  `for d in ${RUNNING} ${KEPT} ${KEPT.slice(0, KEPT.lastIndexOf('/'))}; do [ ! -d "$R$d" ] || [ -r "$R$d" ] || say unreadable "$d"; done
for d in ${RUNNING}/* ${KEPT}/*; do
  [ -f "$R$d/run.json" ] || continue
  b "$d/run.json" "$d/log"
  f "$d/state" "$d/from" "$d/wrote" "$d/before/made"
done`,
];

const parseRecord = (text: string): v.InferOutput<typeof Record> | undefined => {
  try {
    const parsed = v.safeParse(Record, JSON.parse(text));
    return parsed.success ? parsed.output : undefined;
  } catch {
    return undefined;
  }
};

const linesOf = (frames: Frames, path: string): readonly string[] =>
  (frames.files.get(path) ?? '').split('\n').filter((line) => line !== '');

const wroteOf = (files: readonly string[], lines: readonly string[]): ReadonlyMap<string, string> =>
  new Map(
    lines.flatMap((line) => {
      const [, place = '', looks = ''] = /^(\d+) (.+)$/.exec(line) ?? [];
      const file = files[Number(place)];
      return place === '' || file === undefined ? [] : [[file, looks] as const];
    }),
  );

const journalOf = (frames: Frames, folder: string, text: string): readonly Journal[] => {
  const record = parseRecord(text);
  if (!record) return [];
  const from = printableLine(frames.files.get(`${folder}/from`) ?? '', 80);
  return [
    {
      ...record,
      folder,
      state: stateOf(frames.files.get(`${folder}/state`)?.trim()) ?? 'unknown',
      ...(from !== '' && {from}),
      events: parseLog(frames.files.get(`${folder}/log`) ?? ''),
      wrote: wroteOf(record.files, linesOf(frames, `${folder}/wrote`)),
      made: linesOf(frames, `${folder}/before/made`),
    },
  ];
};

/** The journals among what was read, the oldest first; one that is no journal of ours is left out. */
export const parseHistory = (frames: Frames): readonly Journal[] => {
  const journals = [...frames.files]
    .filter(([path]) => path.endsWith('/run.json'))
    .flatMap(([path, text]) => journalOf(frames, path.slice(0, -'/run.json'.length), text))
    .toSorted((a, b) => (a.id < b.id ? -1 : 1));
  // A run that is being written to disk lies in both places, and only the one in /run tells how it stands.
  const running = new Set(journals.flatMap(({id, folder}) => (folder.startsWith(RUNNING) ? [id] : [])));
  return journals.filter(({id, folder}) => folder.startsWith(RUNNING) || !running.has(id));
};

/** Whether a run has come to no end: one that goes on, or that something cut off and the next run will undo. */
export const isUnfinished = ({state}: Journal): boolean => state === 'unknown' || !isOver(state);
