import {readFile} from 'node:fs/promises';
import path from 'node:path';
import test from 'ava';
import {connect} from '../../../engine/effects/connections/connect.ts';
import type {Change} from '../../../engine/model/change.ts';
import {parseAnswer} from '../../../engine/plan/run/answer.ts';
import {confirmScript, startScript, undoNowScript} from '../../../engine/plan/run/scripts.ts';
import {killedAt} from '../../support/controller.ts';
import {
  carry,
  commandChange,
  differences,
  fileChange,
  hostsWord,
  overOnHost,
  PLAIN,
  readsBack,
  runOf,
  SHORT,
  snapshot,
} from '../../support/guarded-runs.ts';
import {startLab, type Lab} from '../../support/lab/lab.ts';
import {hostAt, runOn} from '../../support/lab/runs.ts';

let lab: Lab;
let hosts = 0;

/** A host that no other test has. */
const newHost = (): number => hosts++;

test.before(async () => {
  lab = await startLab({hosts});
});

test.after.always(async () => lab?.stop());

/** What cuts a host off, each in its own way; `{gateway}` is the controller. */
const CUTS: readonly {cut: string; change: (controller: string) => Change}[] = [
  {
    cut: 'the SSH port is closed',
    change: () =>
      commandChange('rule ssh', 'ip rule add priority 10 ipproto tcp sport 22 blackhole', 'ip rule delete priority 10'),
  },
  {
    cut: 'an nftables rule drops what comes to the SSH port, and what goes on there',
    change: () =>
      commandChange(
        'rules',
        `nft 'table inet lr { chain in { type filter hook input priority 0; tcp dport 22 drop; }; }'`,
        'nft delete table inet lr',
      ),
  },
  {
    cut: 'the way back to the controller is gone',
    change: (controller) =>
      commandChange('route', `ip route add blackhole ${controller}/32`, `ip route delete blackhole ${controller}/32`),
  },
  {
    cut: 'the link goes down',
    change: (controller) =>
      commandChange(
        'nic eth0 up',
        'ip link set eth0 down',
        // The kernel takes the routes and IPv6 addresses away with the link.
        `ip link set eth0 up; ip route add default via ${controller} dev eth0`,
      ),
  },
  {
    cut: 'the address is taken away',
    change: (controller) =>
      commandChange(
        'address',
        'ip -4 address show dev eth0 >/run/lab/address; ip address flush dev eth0 scope global',
        `set -- $(sed -n 's/.* inet \\([0-9.]*\\).*/\\1/p' /run/lab/address); rm /run/lab/address
        ip address add $1/24 dev eth0; ip route add default via ${controller} dev eth0`,
      ),
  },
];

for (const {cut, change} of CUTS) {
  const host = newHost();
  test(`${cut}: the host comes back as it was, and says what happened`, async (t) => {
    const {target, address} = hostAt(lab, host);
    const before = await snapshot(target);
    const run = runOf({
      times: SHORT,
      changes: [...PLAIN, change(address.replace(/\d+$/, '1'))],
      lasting: [fileChange('/etc/lr', '')],
    });
    const outcome = await carry({...target, connectTimeoutSeconds: 2}, run);
    t.like(outcome, {outcome: 'rolled-back', notUndone: []});
    t.deepEqual(differences(before, await snapshot(target)), []);
    const {state, log} = await hostsWord(target, run);
    t.is(state, 'undone');
    t.regex(log, /^undo nobody confirmed it within 3 s$/m);
  });
}

const SHARED = newHost();

test.serial('no link after the last step: undone without waiting for a confirmation', async (t) => {
  const {target} = hostAt(lab, SHARED);
  await runOn(target, 'ip link add lr0 type veth peer name lr1 && ip link set lr0 up && ip link set lr1 up');
  const before = await snapshot(target);
  const down = commandChange('nic lr0 mtu', 'ip link set lr1 down', 'ip link set lr1 up', 'lr0');
  const run = runOf({changes: [...PLAIN, down], times: {confirm: 600, step: 600, settle: 3, most: 900}});
  t.like(await carry(target, run), {outcome: 'rolled-back', reason: 'the run: lr0 has had no link for 3 s'});
  t.deepEqual(differences(before, await snapshot(target)), []);
});

test.serial('a link that comes back late is waited for', async (t) => {
  const {target} = hostAt(lab, SHARED);
  const flap = '(ip link set lr1 down; sleep 3; ip link set lr1 up) >/dev/null 2>&1 &';
  const times = {confirm: 60, step: 60, settle: 60, most: 300};
  const run = runOf({times, changes: [commandChange('nic lr0 mtu', flap, ':', 'lr0')]});
  t.like(await carry(target, run), {outcome: 'confirmed'});
});

const SLOW = newHost();

test('a step slower than the confirm timeout is not mistaken for a cut', async (t) => {
  const {target} = hostAt(lab, SLOW);
  const run = runOf({
    changes: [...PLAIN, commandChange('nic eth0 slow', 'sleep 9', ':'), commandChange('nic eth0 2', 'sleep 9', ':')],
    times: {confirm: 8, step: 20, settle: 4, most: 60},
  });
  t.like(await carry(target, run), {outcome: 'confirmed'});
});

test.serial('steps that never end are ended at the cap', async (t) => {
  const {target} = hostAt(lab, SHARED);
  const before = await snapshot(target);
  const hung = commandChange('nic eth0 hung', 'sleep 1000; touch /etc/too-late', ':');
  const run = runOf({changes: [...PLAIN, hung], times: {confirm: 3, step: 600, settle: 4, most: 3}});
  t.like(await carry(target, run), {outcome: 'rolled-back', reason: 'it was not done in time'});
  t.deepEqual(differences(before, await snapshot(target)), []);
});

const STAGES = [0, 1, 2].flatMap((number) => [`begin ${String(number)}`, `done ${String(number)}`]);

for (const stage of [...STAGES, 'awaiting', 'verify', 'verified']) {
  const host = newHost();
  test(`the controller is killed at "${stage}": the host comes back by itself`, async (t) => {
    const {target} = hostAt(lab, host);
    const before = await snapshot(target);
    const slow = commandChange('nic eth0 slow', 'sleep 1', ':');
    const run = runOf({times: SHORT, changes: [...PLAIN, slow], lasting: [fileChange('/etc/lr.conf', 'x')]});
    t.true(await killedAt(target, run, stage));
    t.is(await overOnHost(target, run), 'undone');
    t.deepEqual(differences(before, await snapshot(target)), []);
  });
}

const CONFIRMED = newHost();

test('the controller is killed once it has confirmed: the host completes the run', async (t) => {
  const {target} = hostAt(lab, CONFIRMED);
  const run = runOf({changes: PLAIN, lasting: [fileChange('/etc/lr.conf', 'x')]});
  const connection = connect(target);
  await connection.run(startScript(run));
  void connection.run(confirmScript(run.id, 0)).catch(() => undefined);
  t.is(await overOnHost(target, run), 'confirmed');
  t.is((await runOn(target, 'cat /etc/lr.conf')).stdout, 'x');
  await connection.close();
});

/** The ssh clients that this very program has started. */
const ownClients = async (address: string): Promise<number[]> => {
  const found: number[] = [];
  const pid = String(process.pid);
  for (const child of (await readFile(path.join('/proc', pid, 'task', pid, 'children'), 'utf8')).trim().split(' ')) {
    const command = await readFile(path.join('/proc', child, 'cmdline'), 'utf8').catch(() => '');
    if (command.startsWith('ssh\0') && command.includes(`\0${address}\0`)) found.push(Number(child));
  }
  return found;
};

const STALLED = newHost();

test('a connection that stalls half-way: the host goes on, and is confirmed over another one', async (t) => {
  const {target, address} = hostAt(lab, STALLED);
  const run = runOf({
    changes: [...PLAIN, commandChange('nic eth0 slow', 'sleep 14', ':')],
  });
  const stopped: number[] = [];
  const stall = async (): Promise<void> => {
    for (const pid of await ownClients(address)) {
      process.kill(pid, 'SIGSTOP');
      stopped.push(pid);
    }
  };
  let stalling: Promise<void> | undefined;
  const onEvent = (): void => {
    stalling ??= stall();
  };
  t.like(await carry(target, run, {onEvent}), {outcome: 'confirmed'});
  await stalling;
  t.is(stopped.length, 1);
});

const SHARES = newHost();

test('a shared connection that still stands does not pass for a way in', async (t) => {
  const {target} = hostAt(lab, SHARES);
  const before = await snapshot(target);
  const shared = [...target.arguments, '-o', 'ControlMaster=auto', '-o', `ControlPath=${lab.folder}/%C`];
  const master = {...target, arguments: [...shared, '-o', 'ControlPersist=60']};
  const closed = commandChange(
    'sshd keys',
    'mv /run/lab/authorized_keys /run/lab/keys',
    'mv /run/lab/keys /run/lab/authorized_keys',
  );
  const open = connect(master);
  await open.run('true');
  const run = runOf({times: SHORT, changes: [closed]});
  const outcome = await carry(master, run, {connection: open});
  t.like(outcome, {outcome: 'rolled-back'});
  t.regex(JSON.stringify(outcome), /nobody confirmed it within 3 s \(.* refused the login/);
  await open.close();
  t.deepEqual(differences(before, await snapshot(target)), []);
});

const RACE = newHost();

test('confirming and undoing at once: one of them wins, and both say which', async (t) => {
  const {target} = hostAt(lab, RACE);
  const [one, other] = [connect(target), connect(target)];
  const wins = {confirmed: 0, undone: 0};
  for (let round = 0; round < 20; round += 1) {
    const run = runOf({changes: PLAIN});
    await one.run(startScript(run));
    const [confirm, undo] = [() => one.run(confirmScript(run.id, 0)), () => other.run(undoNowScript(run.id, 0, 'x'))];
    const answers = await Promise.all(round % 2 === 0 ? [confirm(), undo()] : [undo(), confirm()]);
    const states = answers.map(({stdout}) => {
      const answer = parseAnswer(stdout);
      return answer && 'state' in answer ? answer.state : stdout;
    });
    const [state] = states;
    t.true(state === 'confirmed' || state === 'undone', state);
    t.deepEqual(states, [state, state]);
    const mismatches = await readsBack(run)(one, []);
    t.is(mismatches.length, state === 'confirmed' ? 0 : PLAIN.length);
    wins[state as keyof typeof wins] += 1;
    await one.run('echo 4096 >/proc/sys/net/core/somaxconn; echo 7200 >/proc/sys/net/ipv4/tcp_keepalive_time');
  }
  t.is(wins.confirmed + wins.undone, 20);
  await Promise.all([one.close(), other.close()]);
});
