import {spawn} from 'node:child_process';
import {Fault} from '../../model/fault.ts';
import {printable} from '../../model/printable.ts';

/** A lock that is held; the kernel frees it with us, however we end. */
export type Held = {release: () => Promise<void>};

export type LockKind = 'shared' | 'alone';

const CONFLICT = 75;

const lockFault = (file: string, said: string): Fault =>
  new Fault({
    code: 'store-unwritable',
    owner: 'user',
    message: `${printable(file)} cannot be locked: ${printable(said.trim()) || 'flock ended without a word'}`,
    hint: '--store DIR names another folder; flock comes with util-linux',
  });

const start = (file: string, kind: LockKind, wait: boolean) => {
  const words = [kind === 'shared' ? '--shared' : '--exclusive', ...(wait ? [] : ['--nonblock'])];
  return spawn('flock', ['-E', String(CONFLICT), ...words, file, '-c', 'echo held; exec cat >/dev/null'], {
    stdio: ['pipe', 'pipe', 'pipe'],
    // A session of its own: Ctrl-C on the terminal must not take the lock away while we clean up.
    detached: true,
    env: {PATH: process.env['PATH'], SHELL: '/bin/sh'},
  });
};

/**
 * `flock` holds it for us and says so; it ends, and the lock with it, when its standard input does, which is also the case
 * when we are killed. Node has no such call of its own, and a file that merely holds a number outlives its owner.
 */
const take = async (
  file: string,
  kind: LockKind,
  {wait, signal}: {wait: boolean; signal?: AbortSignal | undefined},
): Promise<Held | undefined> => {
  const child = start(file, kind, wait);
  const giveUp = (): void => void child.kill();
  signal?.addEventListener('abort', giveUp);
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const closed = new Promise<number | null>((resolve) => {
    child.on('error', ({message}) => {
      said += message;
      resolve(null);
    });
    child.on('close', resolve);
  });
  const status = await Promise.race([
    new Promise<'held'>((resolve) => {
      child.stdout.once('data', () => {
        resolve('held');
      });
    }),
    closed,
  ]);
  signal?.removeEventListener('abort', giveUp);
  if (status === 'held')
    return {
      async release() {
        child.stdin.end();
        await closed;
      },
    };
  signal?.throwIfAborted();
  if (status === CONFLICT) return undefined;
  throw lockFault(file, said);
};

/** The lock if nobody has it; `shared` may be held by many at once. */
export const tryLock = async (file: string, kind: LockKind): Promise<Held | undefined> =>
  take(file, kind, {wait: false});

/** The lock, once it is free; `onWait` is called where somebody else has it. */
export const lock = async (
  file: string,
  kind: LockKind,
  {signal, onWait}: {signal?: AbortSignal | undefined; onWait?: (() => void) | undefined} = {},
): Promise<Held> => {
  const free = await tryLock(file, kind);
  if (free) return free;
  onWait?.();
  signal?.throwIfAborted();
  const held = await take(file, kind, {wait: true, signal});
  if (held) return held;
  throw lockFault(file, '');
};
