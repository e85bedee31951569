import {spawnSync} from 'node:child_process';
import test from 'ava';
import {GUARD} from '../../../../engine/plan/run/library-guard.ts';
import {temporaryFolder} from '../../../support/cli.ts';
import {SHELLS} from '../../../support/sandbox.ts';

const LIBRARY = `V=/nonexistent woken='' napping='' word=''
read -r BOOT </proc/sys/kernel/random/boot_id
${GUARD}`;

// Nobody would wait so long: a wake-up that is lost makes the test run into its limit.
const WAITS = `${LIBRARY}
listen "$1"
: >"$D/listens.$1"
await 600 [ -e "$D/news.$1" ]
: >"$D/heard.$1"
`;

const TELLS = `${LIBRARY}
round=0
while [ "$round" -lt 25 ]; do
  round=$((round + 1))
  for waiter in a b; do "$@" "$D/waits" "$round$waiter" & done
  for waiter in a b; do until [ -e "$D/listens.$round$waiter" ]; do :; done; done
  : >"$D/news.\${round}a"; : >"$D/news.\${round}b"
  tell
  wait
  rm -f "$D"/listener.*
done
ls "$D" | grep -c heard
`;

for (const shell of SHELLS)
  test(`${shell}: whoever waits for news is woken, at whatever moment it comes`, (t) => {
    const D = temporaryFolder();
    const [command = '', ...words] = shell.split(' ');
    const {stdout, stderr} = spawnSync(
      'sh',
      [
        '-c',
        `printf '%s' "$WAITS" >"$D/waits"; unset WAITS; ${command} ${words.join(' ')} -c "$TELLS" sh "$@"`,
        'sh',
      ].concat(command, words),
      {encoding: 'utf8', timeout: 60_000, env: {...process.env, D, WAITS, TELLS}},
    );
    t.is(stdout, '50\n', stderr);
  });
