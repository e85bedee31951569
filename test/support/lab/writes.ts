import path from 'node:path';
import {shellQuote} from '../../../engine/model/shell.ts';
import type {Target} from '../../../engine/model/target.ts';
import {runOn} from './runs.ts';

const WATCH = path.join(import.meta.dirname, 'write-watch.py');

const START = `mkdir -p /run/lab/watch && cd /run/lab/watch && rm -f found && touch started
setsid python3 ${shellQuote(WATCH)} / /etc /var/lib /run /proc /sys >found 2>&1 </dev/null &
echo $! >pid
for try in $(seq 1 200); do ! grep -q . found || break; sleep 0.05; done
grep -q '^watching$' found`;

// A folder's change time tells of files that came, went or were renamed, which is no write(2).
const STOP = String.raw`cd /run/lab/watch
kill "$(cat pid)"
for try in $(seq 1 200); do [ -d "/proc/$(cat pid)" ] || break; sleep 0.05; done
grep -v '^watching$' found | grep -v ' sshd$' | sed 's/^/wrote /'
find /etc /root /var/lib /run /usr -xdev -cnewer started ! -path '/run/lab*' -printf 'changed %p\n'`;

/** Begins to watch everything that is written on a host. Throws where it cannot be watched. */
export const watchWrites = async (target: Target): Promise<void> => {
  const {status} = await runOn(target, START);
  if (status !== 0) throw new Error(`${target.name}: ${(await runOn(target, 'cat /run/lab/watch/found')).stdout}`);
};

/** All that was written since, a line each; empty when nothing was. What sshd itself writes for a login is left out. */
export const writesSince = async (target: Target): Promise<readonly string[]> =>
  (await runOn(target, STOP)).stdout.split('\n').filter((line) => line !== '');
