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
import {underSystemd} from './systemd.ts';

const TOKEN = '@token';
const CUT = '\n@@@@ cut @@@@\n';

/** The facts that a probe's answer holds. */
const factsOf = (answer: string, init: Facts['os']['init']): Facts => {
  const frames = parseFrames(`${answer}\n`, TOKEN);
  if (!frames.complete) throw new Error(`the probe did not end: ${answer}`);
  const facts = exampleFacts({asked: parseAsked(frames)});
  return {...facts, os: {...facts.os, init}};
};

const PLACES = 'for place in /var/cache /var/log /srv; do mount -t tmpfs sandbox "$place"; done\n';

/** Runs shell text on a host of its own; each of the texts lies in a file that a variable of its name leads to. */
const onHost = (script: string, texts: Readonly<Record<string, string>>, init: Facts['os']['init']): string => {
  const folder = mkdtempSync(path.join(tmpdir(), 'linerate-kinds-'));
  // Others than root read them too.
  chmodSync(folder, 0o755);
  try {
    for (const [name, text] of Object.entries(texts)) writeFileSync(path.join(folder, name), text);
    const names = Object.keys(texts).map((name) => `${name}=${path.join(folder, name)}`);
    const whole = `${names.join('\n')}\n${script}`;
    if (init === 'other') return inSandbox(PLACES + whole);
    writeFileSync(path.join(folder, 'script'), whole);
    return underSystemd(path.join(folder, 'script'));
  } finally {
    rmSync(folder, {recursive: true});
  }
};

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
  /** What the host said more, at the same three times. */
  also: readonly string[];
};

const planOf = (facts: Facts, wishes: readonly Wish[]): Plan =>
  planHost(
    'host',
    facts,
    exampleSheets({workload: []}),
    parsePlanVariables({}, () => 'a test'),
    [{at: 'a test', desired: wishes}],
  );

export type HostOptions = {
  /** Makes the host what it is before the run. */
  prepare: string;
  /** What the probe is run by. */
  shell?: string;
  /** systemd is process 1 of the host. */
  systemd?: true;
  /** Says more of the host, each time that it is read: a line of its own. */
  also?: string;
};

/**
 * Reads what wishes are about on a host of its own, plans, carries the changes out by a run's own file, and undoes them
 * again; the host is read by the shell each time.
 */
export const carriedOut = (wishes: readonly Wish[], options: HostOptions): Looked => {
  const {prepare, shell = 'dash', systemd, also = ':'} = options;
  const init = systemd ? 'systemd' : 'other';
  const probe = probeScript(askScripts(askedByWishes(wishes)), {token: TOKEN, root: ''});
  const look = `${shell} "$probe"`;
  const before = factsOf(onHost(`${prepare}\n${look}`, {probe}, init), init);
  const plan = planOf(before, wishes);
  const {changes, blocks} = changesOf(before, plan, 'devices');
  const refused = [...plan.blocks, ...blocks];
  if (refused.length > 0) throw new Error(`refused: ${JSON.stringify(refused)}`);
  if (changes.length === 0) return {before, after: before, back: before, plan, log: '', also: []};
  const run = runOf({changes});
  const output = onHost(
    `${prepare}
run=${run.id} cut='${CUT}'
${also}; printf '%s' "$cut"
${CARRIED}${look}; printf '%s' "$cut"; ${also}; printf '%s' "$cut"
sh "$undo"; printf '%s' "$cut"; ${look}; printf '%s' "$cut"; ${also}`,
    {probe, start: startScript(run), undo: undoNowScript(run.id, 0, 'a test')},
    init,
  );
  const [first = '', after = '', second = '', log = '', back = '', third = ''] = output.split(CUT);
  return {before, after: factsOf(after, init), back: factsOf(back, init), plan, log, also: [first, second, third]};
};

/** What a host says, by `also`, once a reboot has cut a run of wishes off and the host has undone it while it booted. */
export const cutOff = (wishes: readonly Wish[], {prepare, also = ':'}: HostOptions): string => {
  const probe = probeScript(askScripts(askedByWishes(wishes)), {token: TOKEN, root: ''});
  const before = factsOf(onHost(`${prepare}\ndash "$probe"`, {probe}, 'other'), 'other');
  const run = runOf({changes: changesOf(before, planOf(before, wishes), 'devices').changes});
  return onHost(
    `${prepare}
run=${run.id}
${CARRIED}
for who in guard watch carry; do
  { read -r pid _ </run/linerate/$run/$who && kill -KILL "$pid"; } 2>/mnt/errors
done
rm -rf /run/linerate
sh /var/lib/linerate/runs/$run/run.sh recover
${also}`,
    {start: startScript(run)},
    'other',
  );
};

/** What a host says of a run of wishes that fails: its whole log, and what `also` says once the run is over. */
export const failedOn = (
  wishes: readonly Wish[],
  {prepare, systemd, also = ':'}: HostOptions,
): {log: string; also: string} => {
  const init = systemd ? 'systemd' : 'other';
  const probe = probeScript(askScripts(askedByWishes(wishes)), {token: TOKEN, root: ''});
  const before = factsOf(onHost(`${prepare}\ndash "$probe"`, {probe}, init), init);
  const run = runOf({changes: changesOf(before, planOf(before, wishes), 'devices').changes});
  const output = onHost(
    `${prepare}
sh "$start" >/mnt/answer
tries=0
until [ -e /var/lib/linerate/runs/${run.id}/state ]; do
  tries=$((tries + 1))
  [ "$tries" -lt 400 ] || { cat /mnt/answer /run/linerate/${run.id}/log >&2; exit 1; }
  sleep 0.05
done
cat /var/lib/linerate/runs/${run.id}/log; printf '%s' '${CUT}'; ${also}`,
    {start: startScript(run)},
    init,
  );
  const [log = '', said = ''] = output.split(CUT);
  return {log, also: said};
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
