import test from 'ava';
import {shellQuote} from '../../../engine/model/shell.ts';
import {factsOfTree, grubConfig, onHost, RUN, startOf, trialIn} from './boot-host.ts';

const TREE = `==> /boot/grub/grub.cfg\n${grubConfig()}`;
const START = startOf(trialIn(factsOfTree(TREE)));
const TRIAL = `/var/lib/linerate/runs/${RUN}/trial.sh`;
const PLAIN = "'root=/dev/vda1 ro quiet'";

// Bash kills itself before its Nth command, wherever that stands; the first 60 or so only define functions.
const KILLED = String.raw`trap 'count=$((count + 1)); [ "$count" -lt "$LIMIT" ] || kill -KILL $$' DEBUG; set -o functrace`;

const PREPARED = `grub-editenv /boot/grub/grubenv create
echo ${shellQuote(KILLED)} >/mnt/killed
here() { find /boot /etc/systemd -type f -exec sha256sum {} + -o -printf '%p %l %m\\n' | sort; }
here >/mnt/before
# What lies on disk, put aside and brought back.
aside() { mkdir /mnt/aside && cp -a /boot /etc /var/lib /mnt/aside/; }
again() { rm -rf /boot/* /etc/systemd /var/lib/linerate; cp -a /mnt/aside/boot/. /boot/; cp -a /mnt/aside/etc/. /etc/; cp -a /mnt/aside/lib/. /var/lib/; }
# WORD
killed() { (BASH_ENV=/mnt/killed LIMIT=$limit exec bash ${TRIAL} "$1") >/dev/null 2>&1; }
ended() { /bin/sh ${TRIAL} ended; head -n 1 /var/lib/linerate/runs/${RUN}/state | grep -v undone; }
`;

// One sandbox after the other, as each of them has a minute.
const SHARE = 20;

/** What a loop over LIMIT says in the end, over as many sandboxes as it takes. */
const kills = (prepare: string, step: string, last: string): string => {
  for (let first = 60; first < 400; first += SHARE) {
    const output = onHost(
      TREE,
      `${PREPARED}
      ${prepare}
      aside
      for limit in ${Array.from({length: SHARE}, (_, place) => first + place).join(' ')}; do
        again
        ${step}
        here | diff /mnt/before - || echo "killed at $limit"
      done`,
      START,
    );
    if (output !== '') return output;
  }
  return `never ${last}`;
};

test('killed before any command while it is armed: the next boot or the next trial takes away what there is', (t) => {
  const output = kills(
    String.raw`printf '#!/bin/sh\n' >/mnt/bin/systemd-run; sh </mnt/script >/mnt/answer`,
    `mkdir -p /run/linerate/${RUN}
    killed attempt &
    until ! kill -0 $! 2>/dev/null || grep -q reboot /mnt/calls 2>/dev/null; do sleep 0.01; done
    ! grep -q reboot /mnt/calls 2>/dev/null || { echo armed; break; }
    booted two ${PLAIN}; ended; booted one ${PLAIN}`,
    'armed',
  );
  t.is(output, 'armed\n');
});

test('killed before any command while its traces are taken away: the next boot takes them away', (t) => {
  const output = kills(
    'sh </mnt/script >/mnt/answer; settled awaiting; called reboot; booted two ' + PLAIN,
    'if killed ended; then here | diff /mnt/before - && echo ended; break; fi; ended',
    'ended',
  );
  t.is(output, 'ended\n');
});
