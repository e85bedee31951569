import test from 'ava';
import {shellQuote} from '../../../engine/model/shell.ts';
import {confirmScript, startScript, undoNowScript} from '../../../engine/plan/run/scripts.ts';
import {commandChange, runOf} from '../../support/guarded-runs.ts';
import {inHoldNamespace} from '../../support/hold-namespace.ts';

const MAC = '02:00:00:00:00:11';
const LINK = `ip link add lr0 address ${MAC} numrxqueues 2 type veth peer name lr1 numrxqueues 2 || exit 9
rps() { cat /sys/class/net/lr0/queues/rx-0/rps_flow_cnt; }
mtu() { cat /sys/class/net/lr0/mtu; }
# However busy the machine is.
until_it() { tries=0; until "$@" || [ "$tries" -ge 300 ]; do tries=$((tries + 1)); sleep 0.1; done; }
is() { [ "$($1)" = "$2" ]; }
waiting() { pgrep -P "$1" -x sleep >/dev/null; }
held() { printf 'nic lr0 driver=veth mac=${MAC}\\nmtu = %s\\nrx-0 rfs = %s\\n' "$1" "$2" >/etc/linerate/hold.conf; }`;

const HOLD = `nic lr0 driver=veth mac=${MAC}\nmtu = 3000\nrx-0 rfs = 4096\n`;

const sh = (script: string): string => `sh -c ${shellQuote(script)} >/mnt/answer`;

// What a run does to a link: it comes up, and hooks are called, in the middle of the run.
const STARTS_HOOKS = commandChange(
  'nic lr0 ring.rx',
  '/bin/sh /etc/linerate/hold.sh up lr0 >/mnt/up 2>&1 & /bin/sh /etc/linerate/hold.sh nic lr0 >/mnt/nic 2>&1 &',
  ':',
);

for (const shell of ['dash', 'busybox sh', 'bash --posix']) {
  test(`${shell}: while a run goes on nothing is set, and then what holds when it is over`, (t) => {
    const run = runOf({changes: [STARTS_HOOKS]});
    const {output, errors} = inHoldNamespace(
      HOLD,
      `${LINK}
ln -sf "$(command -v ${shell.split(' ')[0] ?? ''})" /mnt/sh; mount --bind /mnt/sh /bin/sh
${sh(startScript(run))}
sleep 1; echo "in the run: $(mtu) $(rps)"
held 2000 512
${sh(confirmScript(run.id, 0))}
until_it is mtu 2000; until_it is rps 512; echo "after it: $(mtu) $(rps)"; cat /mnt/up /mnt/nic`,
      shell,
    );
    t.is(errors, '');
    t.is(output, 'in the run: 1500 0\nafter it: 2000 512\n');
  });
}

test('a run that is undone leaves what held before, and what came up meanwhile has it', (t) => {
  const run = runOf({changes: [STARTS_HOOKS]});
  const {output} = inHoldNamespace(
    HOLD,
    `${LINK}\n${sh(startScript(run))}\nsleep 1; ${sh(undoNowScript(run.id, 0, 'x'))}; until_it is mtu 3000; until_it is rps 4096; mtu; rps`,
  );
  t.is(output, '3000\n4096\n');
});

test('where nothing is held any more once the run is over, nothing is set, and that is no failure', (t) => {
  const run = runOf({changes: [commandChange('any', ':', ':')]});
  const {output, errors} = inHoldNamespace(
    HOLD,
    `${LINK}\n${sh(startScript(run))}\nsh /etc/linerate/hold.sh nic lr0 & until_it waiting $!; rm -r /etc/linerate; ${sh(confirmScript(run.id, 0))}
wait $!; echo "status $?"; mtu`,
  );
  t.is(errors, '');
  t.is(output, 'status 0\n1500\n');
});

test('between two runs of one apply nothing is set, and the second one ends that', (t) => {
  const first = runOf({changes: [commandChange('any', ':', ':')], more: []});
  const second = runOf({changes: [commandChange('any', ':', ':')]});
  const {output} = inHoldNamespace(
    HOLD,
    `${LINK}\n${sh(startScript(first))}; ${sh(confirmScript(first.id, 0))}
sh /etc/linerate/hold.sh up lr0 & until_it waiting $!; echo "between: $(rps)"
${sh(startScript(second))}; ${sh(confirmScript(second.id, 0))}; until_it is rps 4096; echo "after both: $(rps)"`,
  );
  t.is(output, 'between: 0\nafter both: 4096\n');
});

test('a second run that never comes is not waited for when its time is over', (t) => {
  const run = runOf({changes: [commandChange('any', ':', ':')], more: []});
  const {output} = inHoldNamespace(
    HOLD,
    `${LINK}\n${sh(startScript(run))}; ${sh(confirmScript(run.id, 0))}
read -r until </run/linerate/more; read -r now _ </proc/uptime; echo "$((until - \${now%.*} > 100))"
echo "\${now%.*}" >/run/linerate/more; hold nic lr0; mtu`,
  );
  t.is(output, '1\n3000\n');
});

test('the lock of a run that is dead keeps nobody from setting what is held', (t) => {
  const run = runOf({changes: [commandChange('any', ':', ':')]});
  const {output} = inHoldNamespace(
    HOLD,
    `${LINK}\n${sh(startScript(run))}
until_it test -s /run/linerate/${run.id}/watch
for who in guard watch; do read -r pid rest </run/linerate/${run.id}/$who; kill -KILL "$pid"; done
sleep 1; readlink /run/linerate/lock; hold nic lr0; mtu`,
  );
  t.is(output, `:${run.id}\n3000\n`);
});

// A program called as the ethtool that hold.sh calls takes its time.
const SLOW_ETHTOOL = String.raw`mkdir -m 700 /run/linerate; mkdir /mnt/bin
printf '#!/bin/sh\necho >/mnt/called; sleep 2; echo ethtool >>/mnt/order\n' >/mnt/bin/ethtool; chmod +x /mnt/bin/ethtool
mount --bind /mnt/bin/ethtool "$(command -v ethtool)"`;

test('a run waits for who was setting values before it took its lock', (t) => {
  const run = runOf({changes: [commandChange('any', 'echo step >>/mnt/order', ':')]});
  const {output} = inHoldNamespace(
    HOLD,
    `${SLOW_ETHTOOL}\n${LINK}\nhold nic lr0 & until_it test -e /mnt/called\n${sh(startScript(run))}; cat /mnt/order`,
  );
  t.regex(output, /^(?:ethtool\n)+step\n$/);
});

test('who is ended while it sets values, as by a restart of its unit, leaves no mark for runs to wait for', (t) => {
  const {output} = inHoldNamespace(
    HOLD,
    `${SLOW_ETHTOOL}\n${LINK}\nsh /etc/linerate/hold.sh nic lr0 & until_it test -e /mnt/called; ls /run/linerate | grep -c hold
kill $!; wait $!; echo $?; ls /run/linerate`,
  );
  t.is(output, '1\n143\n');
});
