import {spawnSync} from 'node:child_process';
import {PREPARE} from './sandbox.ts';

// A cgroup of its own, as systemd takes what it is started in for the root of all; what a killed test left goes first.
const OUTSIDE = String.raw`
mount -t tmpfs sandbox /mnt && mkdir /mnt/groups && mount -t cgroup2 none /mnt/groups || exit 1
away() { find "$1" -depth -type d -exec rmdir {} + 2>/dev/null; [ ! -d "$1" ]; }
for left in /mnt/groups/linerate-test-*; do ! grep -qs 'populated 0' "$left/cgroup.events" || away "$left"; done
group=/mnt/groups/linerate-test-$3
mkdir "$group" || exit 1
sh -c 'echo $$ >"$3/cgroup.procs"
exec unshare --mount --pid --fork --mount-proc --net --uts --ipc --cgroup --kill-child --propagation private sh -c "$1" sh "$2"' \
  sh "$1" "$2" "$group"
status=$?
tries=0
until away "$group"; do tries=$((tries + 1)); [ "$tries" -lt 50 ] || exit 1; sleep 0.1; done
exit "$status"
`;

// The few targets that systemd cannot do without; nothing of this machine is started.
const INSIDE = String.raw`${PREPARE}
exec 3>&1
rm -rf /etc/systemd/system && mkdir -p /etc/systemd/system /run/units
for place in /var/cache /var/log /srv; do mount -t tmpfs sandbox "$place"; done
mount -t cgroup2 none /sys/fs/cgroup
for target in basic sysinit shutdown local-fs umount multi-user default; do
  printf '[Unit]\nDefaultDependencies=no\n' >"/run/units/$target.target"
done
printf '[Unit]\nDefaultDependencies=no\nSuccessAction=exit-force\n[Service]\nType=oneshot\nExecStart=/bin/true\n' \
  >/run/units/leave.service
container=sandbox SYSTEMD_UNIT_PATH=/etc/systemd/system:/run/units
export container SYSTEMD_UNIT_PATH
(
  tries=0
  until systemctl is-system-running 2>/dev/null | grep -q running; do
    tries=$((tries + 1))
    [ "$tries" -lt 200 ] || break
    sleep 0.05
  done
  unset container SYSTEMD_UNIT_PATH
  sh "$1" >&3 2>/mnt/said
  echo "status $?" >&3
  tail -c 2000 /mnt/said >&3
  systemctl start --no-block leave
) </dev/null &
exec /lib/systemd/systemd --system --unit=default.target --log-target=null --show-status=no >/dev/null 2>&1
`;

let hosts = 0;

/**
 * Runs a script, which lies in a file, as root on a host of its own whose process 1 is this machine's systemd, with no units
 * but those that the script writes. Answers with what it printed.
 */
export const underSystemd = (file: string): string => {
  hosts += 1;
  const name = `${String(process.pid)}-${String(hosts)}`;
  const flags = ['--mount', '--pid', '--fork', '--mount-proc', '--kill-child', '--propagation', 'private'];
  const {stdout, stderr, error} = spawnSync('unshare', [...flags, 'sh', '-c', OUTSIDE, 'sh', INSIDE, file, name], {
    encoding: 'utf8',
    timeout: 60_000,
    // unshare lets no other signal end it while it waits.
    killSignal: 'SIGKILL',
  });
  if (error) throw error;
  const [, output, status, said = ''] = /^(.*)status (\d+)\n(.*)$/s.exec(stdout) ?? [];
  if (output === undefined || status !== '0')
    throw new Error(
      `the script ended with status ${status ?? 'unknown'} (root and systemd are needed): ${said}${stderr}${stdout}`,
    );
  return output;
};
