import pLimit from 'p-limit';
import type {SourceContext} from '../effects/sources/context.ts';
import {fetchSource, resolveSource} from '../effects/sources/index.ts';
import {readLock, writeLock} from '../effects/sources/lock-on-disk.ts';
import type {Store} from '../effects/store/store.ts';
import {Fault, Faults} from '../model/fault.ts';
import {nearestName} from '../plan/nearest.ts';
import {requestProblems} from '../stages/sources/lock-file.ts';
import type {LockedSource, SourceRequest} from '../stages/sources/lock.ts';
import {answers, relocked, replacedFile, type Relocked} from '../stages/sources/relock.ts';

export type LockOptions = {
  /** All that the chosen folders ask for, by the sources' names. */
  requests: Readonly<Record<string, SourceRequest>>;
  /** Whether those are all there are: then what else the lock holds is dropped. */
  all: boolean;
  /** What is resolved anew though it is pinned: everything, or these sources and no others. */
  update: 'none' | 'all' | readonly string[];
  /** Brings the files into the store too, so that a build needs no network. */
  fetch: boolean;
  /** Where `sources.lock.json` lies. */
  root: string;
  store: Store;
  context: SourceContext;
};

/** What became of a source. */
export type LockedName = Relocked & {name: string};

/** Sources that are resolved at once; most of that is waiting. */
const AT_ONCE = 2;

const fault = (code: string, message: string, hint: string): Fault => new Fault({code, owner: 'user', message, hint});

const demandRequests = ({requests, update}: LockOptions): void => {
  const wrong = Object.entries(requests).flatMap(([name, request]) =>
    requestProblems(request).map((problem) =>
      fault('source-request', `${name}: ${problem}`, 'see `source` and `patches` in its folder'),
    ),
  );
  const unknown = (typeof update === 'string' ? [] : update).filter((name) => requests[name] === undefined);
  const names = Object.keys(requests);
  const absent = unknown.map((name) => {
    const near = nearestName(name, names);
    const hint = near === undefined ? `there are: ${names.join(', ')}` : `did you mean "${near}"?`;
    return fault('unknown-source', `nothing asks for a source ${name}`, hint);
  });
  const all = [...wrong, ...absent];
  if (all.length > 0) throw new Faults(all);
};

const isUpdated = ({update}: LockOptions, name: string): boolean =>
  update === 'all' || (update !== 'none' && update.includes(name));

const demandSame = (name: string, before: LockedSource | undefined, after: LockedSource): void => {
  const replaced = replacedFile(before, after);
  if (replaced)
    throw fault(
      'wrong-digest',
      `${replaced.name} of ${name} ${after.version} is pinned with the SHA-256 ${replaced.before}, and has ${replaced.after} now`,
      `what is released does not change: ask its publisher; remove "${name}" from the lock to take it all the same`,
    );
};

const lockOne = async (
  name: string,
  request: SourceRequest,
  before: LockedSource | undefined,
  options: LockOptions,
): Promise<LockedName> => {
  const {store, context} = options;
  const keep = answers(before, request) && !isUpdated(options, name);
  if (!keep && context.offline === true)
    throw fault(
      'source-offline',
      `${name} is not pinned, and nothing is asked with --offline`,
      'run it without --offline',
    );
  const result: Relocked = keep
    ? {state: 'kept', before, after: before}
    : relocked(before, await resolveSource(name, request, store, context));
  if (result.after) {
    if (!keep) demandSame(name, before, result.after);
    if (options.fetch || context.offline === true) await fetchSource(name, result.after, store, context);
  }
  return {name, ...result};
};

/** All of them; where some failed, everything that the user can mend at once. */
const settled = async (work: readonly Promise<LockedName>[]): Promise<readonly LockedName[]> => {
  const results = await Promise.allSettled(work);
  const rejected = results.filter((one) => one.status === 'rejected');
  const reasons = rejected.map(({reason}): unknown => reason);
  const faults = reasons.flatMap((one) => (one instanceof Faults ? one.errors : one instanceof Fault ? [one] : []));
  const interrupted = faults.find(({code}) => code === 'interrupted');
  if (interrupted) throw interrupted;
  if (faults.length > 0) throw new Faults(faults);
  // What is no fault is a bug: it goes up as it is.
  return Promise.all(work);
};

/** Who names what is to be updated means that and no other source, pinned or not. */
const chosen = ({requests, all, update}: LockOptions): Pick<LockOptions, 'requests' | 'all'> =>
  typeof update === 'string'
    ? {requests, all}
    : {requests: Object.fromEntries(Object.entries(requests).filter(([name]) => update.includes(name))), all: false};

/**
 * Pins what folders ask for. Everything is resolved before anything is written: when one source fails, the lock stays as it is.
 * @throws Fault or Faults `source-…`, `wrong-digest`, `unknown-source`
 */
export const lockSources = async (options: LockOptions): Promise<readonly LockedName[]> => {
  demandRequests(options);
  const {requests, all} = chosen(options);
  const before = await readLock(options.root);
  const limit = pLimit(AT_ONCE);
  const names = Object.entries(requests).sort(([a], [b]) => (a < b ? -1 : 1));
  const done = await settled(
    names.map(async ([name, request]) => limit(async () => lockOne(name, request, before[name], options))),
  );
  const others = Object.entries(before).filter(([name]) => requests[name] === undefined);
  const dropped = all ? others : [];
  const after = Object.fromEntries(done.flatMap(({name, after}) => (after ? [[name, after] as const] : [])));
  if (dropped.length > 0 || done.some(({before, after}) => before !== after))
    await writeLock(options.root, {...(all ? {} : Object.fromEntries(others)), ...after});
  return [...done, ...dropped.map(([name, before]) => ({name, state: 'dropped' as const, before}))];
};
