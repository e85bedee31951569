import type {Mismatch} from '../effects/apply/outcome.ts';
import type {Connection, Target} from '../effects/connection.ts';
import {connect} from '../effects/connections/connect.ts';
import type {Pacing} from '../effects/connections/pacing.ts';
import {digestOf} from '../effects/files.ts';
import {settingScripts, withSettings} from '../facts/again.ts';
import {type Facts, withAsked} from '../facts/facts.ts';
import type {Change} from '../model/change.ts';
import {Fault} from '../model/fault.ts';
import type {Plan, SettingId} from '../model/setting.ts';
import {isSettingsOnly} from '../plan/changes/settings-only.ts';
import {heldText, shownValue} from '../plan/fold.ts';
import {planIdentity} from '../plan/identity.ts';
import {askScripts} from '../plan/recipe/wishes.ts';
import {kindOf} from '../resources/kinds.ts';
import {splitId} from '../resources/lookup.ts';
import {gatherOver, PROBE_TIMEOUT_MS, probeOver} from './gather.ts';
import {asksOf, planFor, type Planning} from './planning.ts';

/** A host as it is, and its plan. */
export type State = {facts: Facts; plan: Plan};

/** What it takes to read a host, again and again. */
export type Reading = {
  target: Target;
  /** Another one after a reboot. */
  connection: Connection;
  planning: Planning;
  scripts: readonly string[];
  pacing: Pacing;
  signal: AbortSignal;
};

export const readState = async (reading: Reading, connection: Connection): Promise<State> => {
  const {name} = reading.target;
  const facts = await gatherOver(connection, name, {
    scripts: reading.scripts,
    timeoutMs: PROBE_TIMEOUT_MS,
    asksOf: (found) => asksOf(name, found, reading.planning),
  });
  return {facts, plan: planFor(name, facts, reading.planning)};
};

/** Reads the host over the open connection, or over a new one where a flapping link has cut that. */
export const readAnew = async (reading: Reading): Promise<State> => {
  try {
    return await readState(reading, reading.connection);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
  }
  const connection = connect(reading.target, {signal: reading.signal, pacing: reading.pacing});
  try {
    return await readState(reading, connection);
  } finally {
    await connection.close();
  }
};

/** Reads the host after a run: all of it, or what the run can have changed. */
export const readAfter = async (
  reading: Reading,
  {facts}: State,
  run: {changes: readonly Change[]; lasting: readonly Change[]},
): Promise<State> => {
  if (!isSettingsOnly(run)) return readAnew(reading);
  const {connection, planning} = reading;
  const {name} = reading.target;
  try {
    const options = {scripts: settingScripts(facts), timeoutMs: PROBE_TIMEOUT_MS};
    const now = withSettings(facts, (await probeOver(connection, name, options)).frames);
    return {facts: now, plan: planFor(name, now, planning)};
  } catch (error) {
    if (error instanceof Fault) return readAnew(reading);
    throw error;
  }
};

export const digestOfState = ({facts, plan}: State): string => digestOf(planIdentity(facts, plan));

/** What of these changes a host does not hold, each in its kind's normal form. */
export const mismatches = (
  facts: Facts,
  changes: readonly Pick<Change, 'id' | 'after'>[],
  limits: readonly SettingId[],
): readonly Mismatch[] =>
  changes.flatMap(({id, after}) => {
    const {kind: name, rest} = splitId(id);
    const kind = kindOf(name);
    if (!kind) return [];
    const held = kind.live(facts, rest);
    const value = typeof held === 'object' && 'value' in held ? held.value : held === 'absent' ? 'absent' : undefined;
    if (limits.includes(id) || (value !== undefined && kind.same(facts, rest, value, after))) return [];
    return [{id, want: shownValue(id, after), found: heldText(id, held)}];
  });

const isReadAlone = ({id, after}: Pick<Change, 'id' | 'after'>): boolean => {
  const {kind, rest} = splitId(id);
  return (kindOf(kind)?.reads?.(rest, after) ?? '') !== '';
};

/**
 * Reads what a run has changed over another connection, and says what does not hold. Where the rest of the host is `known`,
 * and each of the changes can be read by itself, nothing else is read.
 */
export const readBack = async (
  {target, scripts, known}: Pick<Reading, 'target' | 'scripts'> & {known?: Facts},
  connection: Connection,
  changes: readonly Pick<Change, 'id' | 'after'>[],
  limits: readonly SettingId[],
): Promise<readonly Mismatch[]> => {
  const asked = askScripts(changes.map(({id, after}) => ({id, want: after})));
  const timeoutMs = PROBE_TIMEOUT_MS;
  const facts =
    known && changes.every(isReadAlone)
      ? withAsked(known, (await probeOver(connection, target.name, {scripts: asked, timeoutMs})).frames)
      : await gatherOver(connection, target.name, {scripts, timeoutMs, asksOf: () => asked});
  return mismatches(facts, changes, limits);
};
