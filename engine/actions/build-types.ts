import type {Builder} from '../effects/builders/builder.ts';
import type {Store, Stored} from '../effects/store/store.ts';
import type {Fault} from '../model/fault.ts';
import type {PlannedStage} from '../stages/planned.ts';
import type {LockedSource} from '../stages/sources/lock.ts';
import type {Digest} from '../stages/stage.ts';

/** Where a build's sources come from. */
export type BuildSources = {
  /** As `sources.lock.json` pins them, by their names. */
  locked: Readonly<Record<string, LockedSource>>;
  /** A folder that holds the files of a source by their names; called only for sources that a stage to be made needs. */
  fetch: (name: string, locked: LockedSource) => Promise<string>;
};

/** What happens during a build, as it happens. */
export type BuildEvent =
  | {event: 'source'; source: string}
  /** `why`: what changed since a stage of this name was made last; empty where it is there already. */
  | {event: 'planned'; stage: string; id: Digest; found: boolean; why: readonly string[]}
  | {event: 'waiting'; stage: string}
  | {event: 'started'; stage: string}
  | {event: 'line'; stage: string; line: string}
  | {event: 'built'; stage: string; stored: Stored}
  | {event: 'failed'; stage: string; faults: readonly Fault[]}
  /** `needs`: the stage that it waits for in vain; absent where the build stopped for another's failure. */
  | {event: 'skipped'; stage: string; needs?: string};

export type BuildOptions = {
  store: Store;
  sources: BuildSources;
  /** The builder of a name; `openBuilders({cache, ccache: true})` makes this. */
  builder: (name: string) => Builder;
  signal: AbortSignal;
  /** The names of the stages that are wanted; all where absent. Stages that only others need are not made when those are there. */
  targets?: readonly string[];
  /** Processors that each stage may use; all of this machine where absent. */
  processors?: number;
  /** Stages at once; 1 where absent. */
  parallel?: number;
  /** Goes on with what does not need a failed stage. */
  keepGoing?: boolean;
  /** Opens a shell at a failed stage before its draft is removed. */
  debug?: boolean;
  onEvent?: (event: BuildEvent) => void;
};

/** What became of a stage. */
export type BuiltStage = {name: string; id: Digest; why: readonly string[]} & (
  | {state: 'found' | 'built'; stored: Stored}
  | {state: 'failed'; faults: readonly Fault[]}
  /** Not made because a stage that it needs failed, or because nothing that is wanted needs it. */
  | {state: 'skipped' | 'unneeded'}
);

export type BuildReport = {
  /** All that was needed, in the order in which it is built; also what was there already. */
  planned: readonly PlannedStage[];
  stages: readonly BuiltStage[];
};
