import * as v from 'valibot';
import type {Frames} from '../../facts/frames.ts';
import {printableLine} from '../../model/printable.ts';
import {isOver, parseLog, type RunEvent, type RunState, stateOf} from './answer.ts';
import {KEPT, RUNNING} from './library-journal.ts';

const Told = v.object({
  id: v.string(),
  layer: v.picklist(['live', 'boot']),
  before: v.optional(v.string()),
  after: v.string(),
  effect: v.picklist(['live', 'link-flap', 'restart', 'reboot']),
  why: v.string(),
});

const Record = v.object({
  format: v.literal('linerate-run'),
  version: v.literal(1),
  id: v.string(),
  host: v.string(),
  by: v.string(),
  at: v.string(),
  digest: v.string(),
  changes: v.array(Told),
  lasting: v.array(Told),
});

/** What a host keeps of a run. */
export type Journal = v.InferOutput<typeof Record> & {
  state: RunState | 'unknown';
  /** The address that the run came from; absent when it came from the host itself. */
  from?: string;
  /** Where it lies on the host. */
  folder: string;
  events: readonly RunEvent[];
};

/** What to read for the history: in the probe's functions. */
export const historyScripts = (): readonly string[] => [
  `for d in ${RUNNING}/* ${KEPT}/*; do [ ! -f "$R$d/run.json" ] || { b "$d/run.json" "$d/log"; f "$d/state" "$d/from"; }; done`,
];

const parseRecord = (text: string): v.InferOutput<typeof Record> | undefined => {
  try {
    const parsed = v.safeParse(Record, JSON.parse(text));
    return parsed.success ? parsed.output : undefined;
  } catch {
    return undefined;
  }
};

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
    },
  ];
};

/** The journals among what was read, the oldest first; one that is no journal of ours is left out. */
export const parseHistory = (frames: Frames): readonly Journal[] =>
  [...frames.files]
    .filter(([path]) => path.endsWith('/run.json'))
    .flatMap(([path, text]) => journalOf(frames, path.slice(0, -'/run.json'.length), text))
    .toSorted((a, b) => (a.id < b.id ? -1 : 1));

/** Whether a run has come to no end: one that goes on, or that something cut off and the next run will undo. */
export const isUnfinished = ({state}: Journal): boolean => state === 'unknown' || !isOver(state);
