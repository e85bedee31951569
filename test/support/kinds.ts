import {chmodSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {parseAsked} from '../../engine/facts/asked.ts';
import type {Facts} from '../../engine/facts/facts.ts';
import {parseFrames} from '../../engine/facts/frames.ts';
import {probeScript} from '../../engine/facts/probe.ts';
import type {Held, Plan} from '../../engine/model/setting.ts';
import {changesOf} from '../../engine/plan/changes/changes.ts';
import {planHost} from '../../engine/plan/plan.ts';
import type {Wish} from '../../engine/plan/recipe/recipe.ts';
import {askedByWishes, askScripts} from '../../engine/plan/recipe/wishes.ts';
import {startScript, undoNowScript} from '../../engine/plan/run/scripts.ts';
import {parsePlanVariables} from '../../engine/plan/variables.ts';
import {kindOf} from '../../engine/resources/kinds.ts';
import {splitId} from '../../engine/resources/lookup.ts';
import {exampleFacts} from './facts.ts';
import {runOf} from './guarded-runs.ts';
import {inSandbox} from './sandbox.ts';
import {exampleSheets} from './sheets.ts';

const TOKEN = '@token';
const CUT = '\n@@@@ cut @@@@\n';

/** The facts that a probe's answer holds, of a host without systemd. */
const factsOf = (answer: string): Facts => {
  const frames = parseFrames(`${answer}\n`, TOKEN);
  if (!frames.complete) throw new Error(`the probe did not end: ${answer}`);
  const facts = exampleFacts({asked: parseAsked(frames)});
  return {...facts, os: {...facts.os, init: 'other'}};
};

/** Runs shell text in a sandbox; each of the texts lies in a file that a variable of its name leads to. */
const sandboxed = (script: string, texts: Readonly<Record<string, string>>): string => {
  const folder = mkdtempSync(path.join(tmpdir(), 'linerate-kinds-'));
  // Others than root read them too.
  chmodSync(folder, 0o755);
  try {
    for (const [name, text] of Object.entries(texts)) writeFileSync(path.join(folder, name), text);
    const names = Object.keys(texts).map((name) => `${name}=${path.join(folder, name)}`);
    return inSandbox(`${names.join('\n')}\n${script}`);
  } finally {
    rmSync(folder, {recursive: true});
  }
};

const PLACES = 'for place in /var/cache /var/log /srv; do mount -t tmpfs sandbox "$place"; done\n';

/** Waits for the run to get somewhere; the answer of the one who asks last is what it says. */
const CARRIED = `sh "$start" >/mnt/answer
tries=0
until read -r state </run/linerate/"$run"/state && [ "$state" = awaiting ]; do
  tries=$((tries + 1))
  [ "$tries" -lt 200 ] && [ -e /run/linerate/"$run"/state ] || { cat /mnt/answer /var/lib/linerate/runs/"$run"/log >&2; exit 1; }
  sleep 0.05
done 2>/mnt/errors
`;

export type Looked = {
  /** What the addresses hold before the run, once it is done, and once it is undone again. */
  before: Facts;
  after: Facts;
  back: Facts;
  plan: Plan;
  /** What the undo said. */
  log: string;
};

const planOf = (facts: Facts, wishes: readonly Wish[]): Plan =>
  planHost(
    'host',
    facts,
    exampleSheets({workload: []}),
    parsePlanVariables({}, () => 'a test'),
    [{at: 'a test', desired: wishes}],
  );

/**
 * Prepares a host of its own, reads what wishes are about, plans, carries the changes out by a run's own file, and undoes
 * them again; the host is read by `shell` each time.
 */
export const carriedOut = (wishes: readonly Wish[], prepare: string, shell = 'dash'): Looked => {
  const probe = probeScript(askScripts(askedByWishes(wishes)), {token: TOKEN, root: ''});
  const prepared = `${PLACES}${prepare}\n`;
  const before = factsOf(sandboxed(`${prepared}${shell} "$probe"`, {probe}));
  const plan = planOf(before, wishes);
  const {changes, blocks} = changesOf(before, plan, 'devices');
  const refused = [...plan.blocks, ...blocks];
  if (refused.length > 0) throw new Error(`refused: ${JSON.stringify(refused)}`);
  if (changes.length === 0) return {before, after: before, back: before, plan, log: ''};
  const run = runOf({changes});
  const output = sandboxed(
    `${prepared}run=${run.id} cut='${CUT}'\n${CARRIED}${shell} "$probe"; printf '%s' "$cut"; sh "$undo"; printf '%s' "$cut"; ${shell} "$probe"`,
    {probe, start: startScript(run), undo: undoNowScript(run.id, 0, 'a test')},
  );
  const [after = '', log = '', back = ''] = output.split(CUT);
  return {before, after: factsOf(after), back: factsOf(back), plan, log};
};

/** What a setting holds. */
export const heldIn = (facts: Facts, id: string): Held | undefined => {
  const {kind, rest} = splitId(id);
  return kindOf(kind)?.live(facts, rest);
};

/** What of wishes does not hold, in their kinds' normal form. */
export const unmet = (facts: Facts, wishes: readonly Wish[]): readonly string[] =>
  wishes.flatMap(({set, to = ''}) => {
    const {kind, rest} = splitId(set);
    const held = heldIn(facts, set);
    const holds = typeof held === 'object' && 'value' in held && kindOf(kind)?.same(facts, rest, held.value, to);
    return holds ? [] : [`${set}: ${JSON.stringify(held)}`];
  });
