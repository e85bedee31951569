import * as v from 'valibot';
import {isNode, LineCounter, parseDocument} from 'yaml';
import {Fault, Faults} from '../../model/fault.ts';
import {printableLine} from '../../model/printable.ts';
import type {LockedSource, SourcesLock} from './lock.ts';

const digest = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, 'must be 64 hexadecimal digits'));

const word = (expression: RegExp, what: string) => v.pipe(v.string(), v.regex(expression, `must be ${what}`));

/** They become lines of APT's configuration and words of its command line. */
const debian = {
  package: word(/^[a-z\d][a-z\d+.-]+$/, "a package's name"),
  version: v.exactOptional(word(/^\d[\w.+~:-]*$/, 'a version')),
  release: word(/^[a-z][\w./-]*$/, "a release's name, such as bookworm"),
};

const Request = v.variant('from', [
  v.strictObject({
    from: v.literal('github'),
    repository: word(/^[\w.-]+\/[\w.-]+$/, 'OWNER/NAME'),
    version: v.string(),
    asset: v.exactOptional(v.string()),
    api: v.exactOptional(v.string()),
  }),
  v.strictObject({from: v.literal('debian-source'), ...debian, only: v.exactOptional(v.literal('packaging'))}),
  v.strictObject({from: v.literal('debian-package'), ...debian}),
  v.strictObject({from: v.literal('debian-root'), release: debian.release, packages: v.array(debian.package)}),
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
  name: word(/^(?!\.{1,2}$)[^/\p{Cc}]+$/u, 'the name of a file'),
  sha256: digest,
  size: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
  // Not what a program would take for an option.
  urls: v.array(word(/^[^-\s]/, 'an address')),
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
  } catch (cause) {
    const why = cause instanceof Error ? printableLine(cause.message) : 'it is cut off';
    const [, line] = /line (\d+)/.exec(why) ?? [];
    throw lockFault(line === undefined ? at : `${at}:${line}`, `${at} is no JSON: ${why}`);
  }
};

/** The line of what a path leads to, or of what it should be in; JSON is YAML, whose reader tells places. */
const lineFinder = (text: string): ((path: readonly unknown[]) => number) => {
  const lines = new LineCounter();
  const document = parseDocument(text, {lineCounter: lines});
  const find = (path: readonly unknown[]): number => {
    const node = document.getIn(path, true);
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
    return path.length === 0 ? 1 : find(path.slice(0, -1));
  };
  return find;
};

/**
 * Reads `sources.lock.json`; `at` is how it is shown.
 * @throws Fault or Faults `sources-lock` with everything that is wrong, each by its path and line
 */
export const parseLock = (text: string, at: string): SourcesLock => {
  const parsed = v.safeParse(Lock, jsonOf(text, at));
  if (parsed.success) return parsed.output;
  const lineOf = lineFinder(text);
  throw new Faults(
    parsed.issues.map((issue) => {
      const line = lineOf((issue.path ?? []).map(({key}) => key));
      const where = printableLine(v.getDotPath(issue) ?? 'it');
      return lockFault(`${at}:${String(line)}`, `${at}: ${where}: ${printableLine(issue.message)}`);
    }),
  );
};

/** What is wrong with a folder's request, each as `release: must be …`; nothing for one that can be resolved. */
export const requestProblems = (request: unknown): readonly string[] =>
  (v.safeParse(Request, request).issues ?? []).map((issue) =>
    printableLine(`${v.getDotPath(issue) ?? 'it'}: ${issue.message}`),
  );

/** The lock as a file: one source after the other by their names, so that a difference between two is easy to review. */
export const formatLock = ({sources}: Pick<SourcesLock, 'sources'>): string => {
  const ordered = Object.fromEntries(Object.entries(sources).sort(([a], [b]) => (a < b ? -1 : 1))) satisfies Record<
    string,
    LockedSource
  >;
  const lock: SourcesLock = {format: 'linerate-sources', version: 1, sources: ordered};
  return `${JSON.stringify(lock, undefined, 2)}\n`;
};
