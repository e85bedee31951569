import {Fault} from '../../model/fault.ts';
import {shellJoin} from '../../model/shell.ts';
import {printableLine} from '../../model/printable.ts';

/** An address without what must not be shown: a password, a token in its query. */
export const shownUrl = (url: string): string => {
  const parsed = URL.parse(url);
  if (!parsed || parsed.host === '') return printableLine(url);
  return printableLine(`${parsed.protocol}//${parsed.host}${parsed.pathname}`);
};

/** A source that cannot be had. */
export const sourceFault = (code: string, message: string, more: {hint?: string; cause?: unknown} = {}): Fault =>
  new Fault({code, owner: 'tool', message, ...more});

/** One that the folder which asks for it gets wrong. */
export const requestFault = (code: string, message: string, hint?: string): Fault =>
  new Fault({code, owner: 'user', message, ...(hint === undefined ? {} : {hint})});

/** Both digests, so that they can be looked up. */
export const wrongDigest = (what: string, wanted: string, found: string, hint: string): Fault =>
  requestFault('wrong-digest', `${what} has the SHA-256 ${found}, where ${wanted} is pinned`, hint);

/** What pins a source anew; its name may hold a blank. */
export const updateCommand = (name: string): string => shellJoin(['linerate', 'lock', '--update', name]);

/** A file that is nowhere any more. */
export const staleLock = (name: string, file: string): Fault =>
  sourceFault('stale-lock', `stale lock: ${printableLine(file)} of ${name} is gone from everywhere it was`, {
    hint: `\`${updateCommand(name)}\` pins what is there now`,
  });

/** What may be gone the next time: a server's own trouble, a connection that broke. */
export class Passing extends Error {}

/** Why a run was ended: the fault that Ctrl-C makes. */
export const interruptedBy = ({reason}: AbortSignal): Fault =>
  reason instanceof Fault ? reason : new Fault({code: 'interrupted', owner: 'user', message: 'interrupted'});
