import {mkdir, readdir, writeFile} from 'node:fs/promises';
import path from 'node:path';
import type {Builder, Job} from '../effects/builders/builder.ts';
import {CHECKS} from '../effects/checks/checks.ts';
import {freeBytes, isNoSpace, storeFull} from '../effects/store/faults.ts';
import type {Draft, Store} from '../effects/store/store.ts';
import {treeBytes} from '../effects/store/tree.ts';
import {Fault, Faults} from '../model/fault.ts';
import type {Stage} from '../stages/stage.ts';

/** 1 January 1980: the earliest time that every archive format knows. A stage may set a time of its own. */
const EPOCH = '315532800';

const environmentOf = (stage: Stage, processors: number): Readonly<Record<string, string>> => ({
  SOURCE_DATE_EPOCH: EPOCH,
  TZ: 'UTC',
  LC_ALL: 'C.UTF-8',
  JOBS: String(processors),
  ...stage.environment,
});

const writeFiles = async (folder: string, files: Readonly<Record<string, string>>): Promise<void> => {
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(folder, name);
    await mkdir(path.dirname(file), {recursive: true});
    await writeFile(file, text);
  }
};

/** A stage as one of its store's drafts makes it. */
export type StageRun = {
  stage: Stage;
  builder: Builder;
  /** Folders by the inputs' names. */
  inputs: Readonly<Record<string, string>>;
  processors: number;
  debug: boolean;
  signal: AbortSignal;
  onLine: (line: string) => void;
};

const checkOutput = async ({stage, inputs, signal}: StageRun, out: string): Promise<void> => {
  const faults: Fault[] = [];
  for (const {check, options} of stage.checks ?? []) {
    const load = CHECKS[check];
    if (!load)
      throw new Fault({
        code: 'stage-graph',
        owner: 'tool',
        message: `the stage "${stage.name}" asks for the check "${check}", which does not exist`,
        hint: 'this is a bug of linerate or of the folder that is built',
      });
    const look = await load();
    faults.push(...(await look({stage: stage.name, out, inputs, options, signal})));
  }
  if (faults.length > 0) throw new Faults(faults);
};

const LITTLE = 1024 ** 2;

/** Programs tell a full disk in words of their own; what is free tells it for sure. */
const isFull = async (error: unknown, store: Store): Promise<boolean> =>
  isNoSpace(error) ||
  (error instanceof Fault && error.code === 'stage-failed' && (await freeBytes(store.folder)) < LITTLE);

/** Told before the draft is removed, which makes room. */
const explained = async (error: unknown, store: Store, draft: Draft): Promise<unknown> =>
  (await isFull(error, store))
    ? storeFull(store.folder, (await treeBytes(draft.out)) + (await treeBytes(draft.scratch)), error)
    : error;

/**
 * Makes a stage's output in a draft, and looks at it.
 * @throws Fault `stage-failed`, `store-full`, what its checks find; the signal's reason
 */
export const runStage = async (run: StageRun, store: Store, draft: Draft): Promise<void> => {
  const {stage, builder, inputs, signal, onLine} = run;
  const environment = environmentOf(stage, run.processors);
  const {name, script} = stage;
  const job: Job = {name, script, environment, inputs, ...draft, signal, onLine};
  try {
    await writeFiles(draft.files, stage.files ?? {});
    await builder.run(job);
    await checkOutput(run, draft.out);
    if ((await readdir(draft.out)).length === 0)
      throw new Fault({code: 'stage-failed', owner: 'tool', message: `the stage "${name}" made nothing`});
  } catch (error) {
    if (run.debug && !signal.aborted) await builder.shell?.(job);
    throw await explained(error, store, draft);
  }
};
