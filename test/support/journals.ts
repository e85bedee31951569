import type {Frames} from '../../engine/facts/frames.ts';
import type {Change} from '../../engine/model/change.ts';
import {runRecord} from '../../engine/plan/run/record.ts';
import {parseHistory, type Journal} from '../../engine/plan/run/history.ts';
import type {RunSpec} from '../../engine/plan/run/spec.ts';
import {runOf} from './guarded-runs.ts';

/** What a probe brings back of a host that has nothing. */
export const NO_FRAMES: Frames = {
  files: new Map(),
  links: new Map(),
  lists: new Map(),
  runs: new Map(),
  absent: new Set(),
  refused: new Map(),
  complete: true,
  preamble: '',
};

/** What a host would keep of a run that is over, by way of the run's own record. */
export const journalOf = (run: RunSpec, files: Readonly<Record<string, string>> = {}): Journal => {
  const folder = `/var/lib/linerate/runs/${run.id}`;
  const texts = {'run.json': runRecord(run), state: 'confirmed', log: '', ...files};
  const [journal] = parseHistory({
    ...NO_FRAMES,
    files: new Map(Object.entries(texts).map(([name, text]) => [`${folder}/${name}`, text])),
  });
  if (!journal) throw new Error(`${run.id} does not read back`);
  return journal;
};

/** The journals of an apply whose runs made these changes, one after another. */
export const journalsOf = (apply: string, parts: readonly (readonly Change[])[]): readonly Journal[] =>
  parts.map((changes, index) => journalOf(runOf({id: `${apply}-${String(index + 1)}`, changes})));
