import * as v from 'valibot';
import {Fault, Faults} from '../../model/fault.ts';
import type {LockedSource, SourcesLock} from './lock.ts';

const digest = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, 'must be 64 hexadecimal digits'));

const Request = v.variant('from', [
  v.strictObject({
    from: v.literal('github'),
    repository: v.pipe(v.string(), v.regex(/^[\w.-]+\/[\w.-]+$/, 'must be OWNER/NAME')),
    version: v.string(),
    asset: v.exactOptional(v.string()),
    api: v.exactOptional(v.string()),
  }),
  v.strictObject({
    from: v.picklist(['debian-source', 'debian-package']),
    package: v.string(),
    version: v.exactOptional(v.string()),
    release: v.string(),
  }),
  v.strictObject({
    from: v.literal('url'),
    url: v.string(),
    sha256: v.exactOptional(digest),
    signature: v.exactOptional(v.strictObject({url: v.string(), key: v.string()})),
  }),
  v.strictObject({from: v.literal('git'), url: v.string(), reference: v.string()}),
  v.strictObject({from: v.literal('folder'), path: v.string()}),
]);

const File = v.strictObject({
  name: v.pipe(v.string(), v.regex(/^[^/\p{Cc}]+$/u, 'must be the name of a file')),
  sha256: digest,
  size: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  urls: v.array(v.string()),
});

const Lock = v.strictObject({
  format: v.literal('linerate-sources'),
  version: v.literal(1),
  sources: v.record(
    v.string(),
    v.strictObject({
      request: Request,
      version: v.string(),
      files: v.pipe(v.array(File), v.minLength(1, 'must hold a file')),
    }),
  ),
});

const HINT = '`linerate lock` writes it; it is not to be edited by hand';

const lockFault = (at: string, message: string): Fault =>
  new Fault({code: 'sources-lock', owner: 'user', message, at, hint: HINT});

const jsonOf = (text: string, at: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw lockFault(at, `${at} is no JSON`);
  }
};

/**
 * Reads `sources.lock.json`; `at` is how it is shown.
 * @throws Fault or Faults `sources-lock` with everything that is wrong, each by its path
 */
export const parseLock = (text: string, at: string): SourcesLock => {
  const parsed = v.safeParse(Lock, jsonOf(text, at));
  if (parsed.success) return parsed.output;
  throw new Faults(
    parsed.issues.map((issue) => lockFault(at, `${at}: ${v.getDotPath(issue) ?? 'it'}: ${issue.message}`)),
  );
};

/** The lock as a file: one source after the other by their names, so that a difference between two is easy to review. */
export const formatLock = ({sources}: Pick<SourcesLock, 'sources'>): string => {
  const ordered = Object.fromEntries(Object.entries(sources).sort(([a], [b]) => (a < b ? -1 : 1))) satisfies Record<
    string,
    LockedSource
  >;
  const lock: SourcesLock = {format: 'linerate-sources', version: 1, sources: ordered};
  return `${JSON.stringify(lock, undefined, 2)}\n`;
};
