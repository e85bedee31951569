import {execFile} from 'node:child_process';
import {promisify} from 'node:util';

/** What keeps a stage apart: `root` and `user` say who makes its namespaces; `none` are plain folders. */
export type Isolation = 'root' | 'user' | 'none';

const attempt = promisify(execFile);

// Whoever dies takes the others along: linerate its `unshare`, that the first one in the new namespace of processes.
const LEASH = ['setpriv', '--pdeathsig', 'KILL'];

const APART = ['--mount', '--pid', '--fork', '--kill-child', '--ipc', '--uts'];

/**
 * The words that start a program apart from the machine.
 * @param network whether it keeps the machine's network, instead of a loopback of its own
 */
export const apartWords = (isolation: 'root' | 'user', network: boolean): readonly string[] => [
  // New rights take the leash off, so the user's namespace comes first.
  ...(isolation === 'user' ? ['unshare', '--user', '--map-root-user'] : []),
  ...LEASH,
  'unshare',
  ...APART,
  ...(network ? [] : ['--net']),
];

const works = async (isolation: 'root' | 'user'): Promise<boolean> => {
  const words = [...apartWords(isolation, false), 'mount', '-t', 'proc', 'proc', '/proc'];
  return attempt('/usr/bin/env', words).then(
    () => true,
    () => false,
  );
};

const isRoot = (): boolean => process.getuid?.() === 0;

/** What this machine lets us do. */
export const isolationHere = async (): Promise<Isolation> => {
  const kind = isRoot() ? 'root' : 'user';
  return (await works(kind)) ? kind : 'none';
};
