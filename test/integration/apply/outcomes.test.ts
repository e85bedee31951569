import test from 'ava';
import {readHistory, readJournal} from '../../../engine/effects/apply/history.ts';
import {connect} from '../../../engine/effects/connections/connect.ts';
import {startScript} from '../../../engine/plan/run/scripts.ts';
import type {Change, Step} from '../../../engine/model/change.ts';
import type {Target} from '../../../engine/model/target.ts';
import {
  carry,
  commandChange,
  differences,
  fileChange,
  hostsWord,
  PLAIN,
  runOf,
  snapshot,
  sysctlChange,
} from '../../support/guarded-runs.ts';
import {startLab, type HostOptions, type Lab} from '../../support/lab/lab.ts';
import {hostAt, runOn} from '../../support/lab/runs.ts';

const HOSTS = {
  plain: {},
  bash: {prepare: 'own /usr/bin\nln -sf bash /usr/bin/sh'},
  busybox: {prepare: 'own /usr/bin\nln -sf busybox /usr/bin/sh'},
  failing: {},
  'read-only /etc': {prepare: 'mount -o bind /etc /etc && mount -o remount,ro,bind /etc'},
  'read-only /var': {prepare: 'mount -o bind /var/lib /var/lib && mount -o remount,ro,bind /var/lib'},
  'full /run': {prepare: 'mkdir /run/linerate && mount -t tmpfs -o size=8k lab /run/linerate'},
  'noexec /run': {prepare: 'mkdir /run/linerate && mount -t tmpfs -o noexec lab /run/linerate'},
  locked: {},
  killed: {},
} satisfies Record<string, HostOptions>;
type Name = keyof typeof HOSTS;

let lab: Lab;

test.before(async () => {
  lab = await startLab({hosts: Object.values(HOSTS)});
});

test.after.always(async () => lab?.stop());

const targetOf = (name: Name): Target & {via: 'ssh'} => hostAt(lab, Object.keys(HOSTS).indexOf(name)).target;

/** Ends the guard or the run itself, whichever file of the run's folder names it, as nothing can forbid. */
const KILLS = (whom: string): Change =>
  commandChange(
    `nic eth0 kills the ${whom}`,
    `set -- /run/linerate/2*/${whom}; read -r pid rest <"$1"; kill -KILL "$pid"; sleep 1`,
    ':',
  );

const valueOf = async (target: Target, key: string): Promise<string> =>
  (await runOn(target, `cat /proc/sys/${key}`)).stdout.trim();

for (const name of ['plain', 'bash', 'busybox', 'noexec /run'] as const)
  test.serial(`${name}: confirmed, persisted, journalled; then a run that leads back`, async (t) => {
    const target = targetOf(name);
    const before = await snapshot(target);
    const file = '/etc/lr test/it\'s "new".conf';
    const run = runOf({changes: PLAIN, lasting: [fileChange(file, 'a = "b"\n$HOME\n', 0o640)]});
    const outcome = await carry(target, run);
    t.like(outcome, {outcome: 'confirmed', journal: `/var/lib/linerate/runs/${run.id}`});
    t.false('unpersisted' in outcome);
    t.is(await valueOf(target, 'net/core/somaxconn'), '5001');
    const {stdout} = await runOn(target, `stat -c '%a %u' '/etc/lr test/'*; cat '/etc/lr test/'*; ls /run/linerate`);
    t.is(stdout, '640 0\na = "b"\n$HOME\n');

    const back = runOf({
      changes: [
        sysctlChange('net/core/somaxconn', '5001', '4096'),
        sysctlChange('net/ipv4/tcp_keepalive_time', '601', '7200'),
      ],
      lasting: [{...fileChange(file, ''), steps: [{do: 'remove', path: file}]}],
    });
    t.like(await carry(target, back), {outcome: 'confirmed'});
    await runOn(target, `rmdir '/etc/lr test'`);
    t.deepEqual(differences(before, await snapshot(target)), []);

    const connection = connect(target);
    const history = await readHistory(connection);
    t.deepEqual(
      history.map(({id, state, from, by}) => ({id, state, by, local: from === undefined})),
      [run, back].map(({id, by}) => ({id, state: 'confirmed', by, local: false})),
    );
    const journal = await readJournal(connection, run.id);
    t.deepEqual(
      [...journal.changes, ...journal.lasting].map(({id, before, after}) => ({id, before, after})),
      [...run.changes, ...run.lasting].map(({id, before, after}) => ({id, before, after})),
    );
    await t.throwsAsync(readJournal(connection, 'none'), {message: 'the host keeps no run none'});
    await connection.close();
  });

test.serial('a step that fails: what was done before it is undone', async (t) => {
  const target = targetOf('failing');
  const before = await snapshot(target);
  const refused = sysctlChange('net/ipv4/tcp_keepalive_intvl', '75', 'rubbish');
  const outcome = await carry(target, runOf({changes: [...PLAIN, refused]}));
  t.like(outcome, {outcome: 'rolled-back', failed: {id: refused.id}, notUndone: []});
  t.regex(JSON.stringify(outcome), /tcp_keepalive_intvl refused \\\\?"rubbish.*Invalid argument/);
  t.deepEqual(differences(before, await snapshot(target)), []);
});

test.serial('a command that fails says its last words', async (t) => {
  const target = targetOf('failing');
  const failing = commandChange('nic eth0 ring.rx', 'echo no rings here >&2; exit 3', ':');
  const outcome = await carry(target, runOf({changes: [...PLAIN, failing]}));
  t.like(outcome, {outcome: 'rolled-back', failed: {id: 'nic eth0 ring.rx'}});
  t.regex(JSON.stringify(outcome), /exit status 3 of .*no rings here/);
});

test.serial('an undo step that fails: the others are undone, and it is told', async (t) => {
  const target = targetOf('failing');
  const before = await snapshot(target);
  const stuck = commandChange('nic eth0 stuck', ':', 'echo stays >&2; exit 1');
  const failing = commandChange('nic eth0 fails', 'exit 1', ':');
  const run = runOf({changes: [...PLAIN, stuck, failing]});
  const outcome = await carry(target, run);
  t.like(outcome, {outcome: 'rolled-back', notUndone: [{id: 'nic eth0 stuck'}]});
  t.is((await hostsWord(target, run)).state, 'undo-failed');
  t.deepEqual(differences(before, await snapshot(target)), []);
});

test.serial('what the kernel works out by itself is written only where it has not come back', async (t) => {
  const target = targetOf('failing');
  await runOn(target, 'cd /run/lab && echo 48240 >same && echo 48876 >other && touch -d @1 same other');
  const write = (name: string): Step => ({do: 'write', path: `/run/lab/${name}`, text: '48240', ifOther: true});
  const failing = {...commandChange('thp enabled', 'exit 1', ':'), undo: [write('same'), write('other')]};
  t.like(await carry(target, runOf({changes: [failing]})), {outcome: 'rolled-back', notUndone: []});
  const {stdout} = await runOn(target, 'cd /run/lab && cat same other && find same other -newermt @2 && rm same other');
  t.is(stdout, '48240\n48240\nother\n');
});

test.serial('a value that does not hold is undone, and both values are named', async (t) => {
  const target = targetOf('failing');
  const before = await snapshot(target);
  const run = runOf({changes: PLAIN});
  const found = {id: 'sysctl net/core/somaxconn', want: '5001', found: '17'};
  const outcome = await carry(target, run, {verify: async () => [found]});
  t.like(outcome, {
    outcome: 'rolled-back',
    reason: 'sysctl net/core/somaxconn holds "17", not "5001"',
    mismatches: [found],
  });
  t.deepEqual(differences(before, await snapshot(target)), []);
});

test.serial('Ctrl-C before the confirmation undoes at once', async (t) => {
  const target = targetOf('failing');
  const before = await snapshot(target);
  const interrupt = new AbortController();
  const run = runOf({changes: PLAIN, times: {confirm: 600, step: 600, settle: 4, most: 900}});
  const verify = async (): Promise<never[]> => {
    interrupt.abort();
    return [];
  };
  t.like(await carry(target, run, {verify, signal: interrupt.signal}), {outcome: 'interrupted', notUndone: []});
  t.deepEqual(differences(before, await snapshot(target)), []);
});

test.serial('Ctrl-C in the middle of a step ends the step and undoes at once', async (t) => {
  const target = targetOf('failing');
  const before = await snapshot(target);
  const interrupt = new AbortController();
  const slow = commandChange('nic eth0 slow', 'sleep 500; touch /etc/too-late', ':');
  const run = runOf({changes: [...PLAIN, slow], times: {confirm: 600, step: 600, settle: 4, most: 900}});
  const onEvent = ({event}: {event: string}): void => (event === 'begin' ? interrupt.abort() : undefined);
  t.like(await carry(target, run, {onEvent, signal: interrupt.signal}), {outcome: 'interrupted', notUndone: []});
  t.deepEqual(differences(before, await snapshot(target)), []);
});

test.serial('read-only /etc: what is live stays, the boot layer is told not to', async (t) => {
  const target = targetOf('read-only /etc');
  const run = runOf({changes: PLAIN, lasting: [fileChange('/etc/lr.conf', 'x\n')]});
  const outcome = await carry(target, run);
  t.like(outcome, {outcome: 'confirmed'});
  t.regex(JSON.stringify(outcome), /"unpersisted":"file \/etc\/lr.conf: .*Read-only file system/);
  t.is(await valueOf(target, 'net/core/somaxconn'), '5001');
  t.is((await hostsWord(target, run)).state, 'unpersisted');
});

test.serial('read-only /var: the journal stays in /run, and nothing is written to disk', async (t) => {
  const target = targetOf('read-only /var');
  const run = runOf({changes: PLAIN, lasting: [fileChange('/etc/lr.conf', 'x\n')]});
  const outcome = await carry(target, run);
  t.like(outcome, {outcome: 'confirmed', journal: `/run/linerate/${run.id}`});
  t.regex(JSON.stringify(outcome), /"unpersisted":"the run: the journal cannot be kept in .*Read-only file system/);
  t.is((await runOn(target, 'ls /etc/lr.conf')).stdout, '');
  const connection = connect(target);
  t.like(await readJournal(connection, run.id), {state: 'unpersisted', folder: `/run/linerate/${run.id}`});
  await connection.close();
});

test.serial('full /run: nothing is begun', async (t) => {
  const target = targetOf('full /run');
  const before = await snapshot(target);
  t.like(await carry(target, runOf({changes: PLAIN})), {outcome: 'refused', code: 'no-room'});
  t.is((await runOn(target, 'ls /run/linerate')).stdout, '');
  t.deepEqual(differences(before, await snapshot(target)), []);
});

test.serial('a second run is refused while one goes on', async (t) => {
  const target = targetOf('locked');
  const first = runOf({changes: PLAIN});
  const second = runOf({changes: PLAIN});
  const verify = async (): Promise<never[]> => {
    t.like(await carry(target, second), {
      outcome: 'refused',
      code: 'locked',
      reason: `another run goes on there: ${first.id}`,
    });
    return [];
  };
  t.like(await carry(target, first, {verify}), {outcome: 'confirmed'});
  t.is((await hostsWord(target, second)).state, 'none');
});

test.serial(
  'a run that was killed with all that guard it is undone by the next one, which is refused once',
  async (t) => {
    const target = targetOf('killed');
    const before = await snapshot(target);
    const dead = runOf({changes: PLAIN});
    await runOn(target, startScript(dead));
    t.is(await valueOf(target, 'net/core/somaxconn'), '5001');
    // Both are stopped first: either would take the other's place.
    const both = `/run/linerate/${dead.id}/guard /run/linerate/${dead.id}/watch`;
    await runOn(
      target,
      `for signal in STOP KILL; do for who in ${both}; do read -r pid rest <$who; kill -$signal "-$pid"; done; done`,
    );
    const next = runOf({changes: PLAIN});
    t.like(await carry(target, next), {
      outcome: 'refused',
      code: 'recovered',
      reason: `an earlier run had been cut off and was undone first: ${dead.id}`,
    });
    t.deepEqual(differences(before, await snapshot(target)), []);
    t.like(await hostsWord(target, dead), {state: 'undone'});
    t.like(await carry(target, runOf({changes: PLAIN})), {outcome: 'confirmed'});
  },
);

test.serial('a guard that is killed in the middle of the steps: the run undoes itself', async (t) => {
  const target = targetOf('failing');
  const before = await snapshot(target);
  const run = runOf({changes: [...PLAIN, KILLS('guard'), sysctlChange('net/ipv4/tcp_keepalive_intvl', '75', '74')]});
  t.like(await carry(target, run), {
    outcome: 'rolled-back',
    reason: 'sysctl net/ipv4/tcp_keepalive_intvl: the guard is gone',
  });
  t.deepEqual(differences(before, await snapshot(target)), []);
});

test.serial('a run that is killed in the middle of its steps: the guard undoes it at once', async (t) => {
  const target = targetOf('failing');
  const before = await snapshot(target);
  const run = runOf({changes: [...PLAIN, KILLS('carry')], times: {confirm: 600, step: 600, settle: 4, most: 900}});
  t.like(await carry(target, run), {outcome: 'rolled-back', reason: 'the run was ended before it was done'});
  t.deepEqual(differences(before, await snapshot(target)), []);
});
