import {writeFileSync} from 'node:fs';
import path from 'node:path';
import test from 'ava';
import {linerate, temporaryFolder, type CliAnswer} from '../../support/cli.ts';
import {differences} from '../../support/guarded-runs.ts';
import {bootMachine, type Machine} from '../../support/machines/machine.ts';
import {addRepository} from '../../support/machines/repository.ts';

const folder = temporaryFolder();
const inventory = path.join(folder, 'machine.ini');
let machine: Machine;

test.before(async (t) => {
  t.timeout(1_800_000);
  machine = await bootMachine((line) => t.log(line));
  writeFileSync(inventory, `machine ansible_ssh_common_args='-F ${machine.sshConfigPath}'\n`);
  await addRepository(machine, ['nginx', 'haproxy']);
});

test.after.always(async () => {
  await machine?.stop();
});

const run = async (verb: string, ...words: readonly string[]): Promise<CliAnswer> =>
  linerate([verb, '-i', inventory, ...words]);

const say = async (command: string): Promise<string> => (await machine.run(command)).stdout.trim();

const fetchFrom = (port: number): string =>
  `exec 3<>/dev/tcp/127.0.0.1/${String(port)} && printf 'GET / HTTP/1.0\\r\\n\\r\\n' >&3 && cat <&3`;

const body = async (port: number): Promise<string> => say(`bash -c "${fetchFrom(port).replaceAll('"', '\\"')}"`);

/**
 * What programs write by themselves, and a rollback leaves: dpkg's own log, and the place for /dev/log that systemd makes for
 * HAProxy's unit (BindReadOnlyPaths=), which the package does not own and its removal leaves as well.
 */
const OTHERS = ['/var/log/dpkg.log', '/var/log/apt', '/var/log/journal', '/var/lib/haproxy', '/var/lib/systemd'];

const KEPT = ['/var/lib/linerate', '/var/lib/apt', '/var/lib/dpkg', '/var/cache', ...OTHERS];

/** Everything that a recipe may leave behind, but for what linerate keeps of its runs. */
const STATE = [
  String.raw`find /etc /usr /var/lib /var/log -xdev \( -path ${KEPT.join(' -o -path ')} \) -prune -o -printf '%p %m %u:%g\n' | sort`,
  `dpkg-query -W -f '\${Package} \${Version} \${Status}\n'`,
  'cat /etc/passwd /etc/group',
  'systemctl list-unit-files --state=enabled --no-legend --no-pager | sort',
].join('; ');

const WEB = [
  '-r',
  'web-server',
  '-p',
  'site={ports: [8080], root: /srv/site}',
  '-p',
  'cpus=4-5',
  '-t',
  'packages,server',
];
const APP = [
  '-r',
  'app-server',
  '-p',
  'name=files',
  '-p',
  'cpus=6-7',
  '-p',
  'capabilities=[CAP_NET_BIND_SERVICE]',
  '-p',
  'command=[/bin/busybox, httpd, -f, -p, "80", -h, /srv/site]',
  '-t',
  'system,server',
];
const PROXY = [
  '-r',
  'proxy',
  '-p',
  'listeners=[{name: web, ports: [9090], servers: ["127.0.0.1:8080"]}]',
  '-p',
  'cpus=4-7',
  '-t',
  'packages,server',
];

let before: string;

test.serial('web-server: nginx serves with pinned workers, a socket each; a second run writes nothing', async (t) => {
  t.timeout(1_200_000);
  await machine.run('mkdir -p /srv/site && echo served >/srv/site/index.html');
  before = await say(STATE);
  const {status, stdout, stderr} = await run('apply', '--yes', ...WEB);
  t.is(status, 0, `${stdout}${stderr}`);
  t.regex(await body(8080), /^HTTP\/1\.1 200 OK[\s\S]*served$/);
  const workers = await say('for p in $(pgrep -f "^nginx: worker"); do taskset -cp $p; done | sed "s/.*: //" | sort');
  t.is(workers, '4\n5');
  t.is(await say('ss -Hlnt4 "sport = 8080" | wc -l'), '2', 'a listening socket for each worker');
  t.is(await say('systemctl is-enabled nginx'), 'enabled');
  t.regex(await say('grep "open files" /proc/$(pgrep -f "^nginx: master")/limits'), /132096/);
  const newest = String.raw`find /etc /var/lib/linerate /var/lib/dpkg -printf '%C@ %p\n' | sort -n | tail -1`;
  const written = await say(newest);
  const again = await run('apply', '--yes', ...WEB);
  t.is(again.status, 0, again.stderr);
  t.is(await say(newest), written);
  t.is((await run('verify', ...WEB)).status, 0);
});

test.serial('a configuration that the server refuses is taken back, and the old one serves on', async (t) => {
  t.timeout(900_000);
  const {status, stderr} = await run(
    'apply',
    '--yes',
    ...WEB,
    '-p',
    'site={ports: [8080], root: /srv/site, names: ["a b;}"]}',
  );
  t.is(status, 2, stderr);
  t.regex(stderr, /rolled back/);
  t.regex(await body(8080), /served$/);
  t.is((await run('verify', ...WEB)).status, 0);
});

test.serial('proxy: HAProxy in front of it, a pinned thread a CPU', async (t) => {
  t.timeout(900_000);
  const {status, stdout, stderr} = await run('apply', '--yes', ...PROXY);
  t.is(status, 0, `${stdout}${stderr}`);
  t.regex(await body(9090), /served$/);
  const threads = await say(
    'p=$(systemctl show -P MainPID haproxy); w=$(pgrep -P $p); for x in /proc/$w/task/*; do taskset -cp ${x##*/}; done | sed "s/.*: //" | sort -u',
  );
  t.is(threads, '4\n5\n6\n7');
});

test.serial('app-server: a binary as a service of its own user, with a capability instead of root', async (t) => {
  t.timeout(900_000);
  const {status, stdout, stderr} = await run('apply', '--yes', ...APP);
  t.is(status, 0, `${stdout}${stderr}`);
  t.regex(await body(80), /served$/);
  const pid = await say('systemctl show -P MainPID files');
  t.is(await say(`stat -c %U /proc/${pid}`), 'files');
  t.regex(await say(`taskset -cp ${pid}`), /: 6,7$/);
  t.regex(await say(`grep CapEff /proc/${pid}/status`), /0000000000000400$/, 'CAP_NET_BIND_SERVICE and nothing else');
});

test.serial('all three hold after a reboot', async (t) => {
  t.timeout(1_200_000);
  await machine.reboot();
  for (const words of [WEB, PROXY, APP]) {
    const {status, stdout} = await run('verify', ...words);
    t.is(status, 0, stdout);
  }
  t.regex(await body(9090), /served$/);
  t.regex(await body(80), /served$/);
});

test.serial('rolled back one after the other, nothing of them is left', async (t) => {
  t.timeout(1_200_000);
  const runs = await say(
    "cd /var/lib/linerate/runs && grep -lx confirmed */state | sed 's,-[0-9]*/state,,' | sort -ru",
  );
  const applies = runs.split('\n');
  t.is(applies.length, 3);
  for (const id of applies) {
    const {status, stdout, stderr} = await run('rollback', '--yes', '--run', id);
    t.is(status, 0, `${stdout}${stderr}`);
  }
  t.deepEqual(differences(before, await say(STATE)), []);
});
