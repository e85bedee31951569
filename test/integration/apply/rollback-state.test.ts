import test from 'ava';
import {linerate} from '../../support/cli.ts';
import {differences} from '../../support/guarded-runs.ts';
import {startLab, type Lab} from '../../support/lab/lab.ts';
import {hostAt, runOn} from '../../support/lab/runs.ts';

/** One setting of each kind that a network namespace has of its own; the last two were set by hand before. */
const SETTINGS = JSON.stringify({
  linerate_settings: {
    'sysctl net.ipv4.tcp_fin_timeout': 33,
    'sysctl net.ipv6.conf.eth0.accept_ra': 0,
    'nic eth0 feature.generic-receive-offload': 'on',
    'nic eth0 feature.tcp-segmentation-offload': 'off',
    'nic eth0 txqueuelen': 777,
    'queue eth0 rx-0 rfs': '64',
    'queue eth0 tx-1 xps': '2',
    'queue eth0 rx-1 rps': '1',
  },
});

const BY_HAND = `ethtool -K eth0 gro off
echo 2 >/sys/class/net/eth0/queues/rx-1/rps_cpus; echo 1 >/sys/class/net/eth0/queues/tx-1/xps_cpus`;

/** Memory in use, seeds, a count of connections, and what acts when it is read. */
const RESTLESS = String.raw`tcp_mem\|udp_mem\|stable_secret\|route/flush\|nf_conntrack_count`;

const STATE = String.raw`cd /
grep -rs '' /proc/sys/net | grep -v '${RESTLESS}' | sort
for verb in -k -l -g -c -x -a --show-priv-flags; do ethtool $verb eth0 2>&1 | sed "s|^|$verb |"; done
grep -rs '' /sys/class/net/eth0/tx_queue_len /sys/class/net/eth0/mtu /sys/class/net/eth0/queues/*/?ps_*
find /etc /boot /var/lib -path /var/lib/linerate -prune -o -printf '%p %y %m %U %G %l\n' | sort
find /etc /boot /var/lib/systemd -type f -exec sha256sum {} + | sort`;

let lab: Lab;

test.before(async () => {
  lab = await startLab({hosts: [{prepare: BY_HAND}]});
});

test.after.always(async () => {
  await lab?.stop();
});

const state = async (): Promise<string> => (await runOn(hostAt(lab, 0).target, STATE)).stdout;

test('sysctls, features, queues and files: all as before once it is rolled back', async (t) => {
  const before = await state();
  t.deepEqual(differences(before, await state()), [], 'a host that is left alone stays as it is');
  const applied = await linerate(['apply', '-i', lab.inventoryPath, '-e', SETTINGS, '--yes']);
  t.is(applied.status, 0, applied.stderr);
  const changed = differences(before, await state()).filter((line) => line.startsWith('+'));
  for (const sign of ['tcp_fin_timeout:33', 'accept_ra:0', 'generic-receive-offload: on', 'segmentation-offload: off'])
    t.true(
      changed.some((line) => line.endsWith(sign)),
      `${sign} in ${changed.join('\n')}`,
    );
  for (const sign of ['tx_queue_len:777', 'rps_flow_cnt:64', '/etc/sysctl.d/99-zz-linerate.conf'])
    t.true(
      changed.some((line) => line.includes(sign)),
      `${sign} in ${changed.join('\n')}`,
    );

  const {status, stderr} = await linerate(['rollback', '-i', lab.inventoryPath, '--yes']);
  t.is(status, 0, stderr);
  t.deepEqual(differences(before, await state()), []);
});
