import {writeFileSync} from 'node:fs';
import path from 'node:path';
import test from 'ava';
import type {Change} from '../../../engine/model/change.ts';
import type {CarryOutOptions} from '../../../engine/effects/apply/carry-out.ts';
import type {RunOutcome} from '../../../engine/effects/apply/outcome.ts';
import {numberedChanges, type RunSpec} from '../../../engine/plan/run/spec.ts';
import {linerate, temporaryFolder} from '../../support/cli.ts';
import {
  carry,
  commandChange,
  differences,
  fileChange,
  hostsWord,
  runOf,
  sysctlChange,
} from '../../support/guarded-runs.ts';
import {type Machine, bootMachine} from '../../support/machines/machine.ts';
import {machineState} from '../../support/machines/state.ts';

/** The power is cut in the middle of it: the machine does not live to its end. */
const CUT_HERE = 'the step that the power cut ends';
const endless = (): Change => commandChange(CUT_HERE, 'sleep 3600', ':');

const LIVE = [
  sysctlChange('net/core/somaxconn', '8192', '5001'),
  sysctlChange('net/ipv4/tcp_keepalive_time', '7200', '601'),
];
const SYSCTLS = '/etc/sysctl.d/90-linerate-test.conf';
const FILES = [
  fileChange('/etc/sysctl.d/60-lab.conf', 'net.core.somaxconn = 5001\n', 0o600),
  fileChange(SYSCTLS, 'net.ipv4.tcp_keepalive_time = 601\n'),
  fileChange('/etc/linerate-test/made/deep', 'a folder that was not there\n'),
];

const LIMIT_MS = 2_400_000;
const TIMES = {confirm: 600, step: 600, settle: 4, most: 3000};

let machine: Machine;
/** The machine's state after a power cut with no run in sight, and what that alone has changed. */
let untouched: readonly string[];
let restless: ReadonlySet<string>;

/** What the history is to say of each run in the end. */
const ends = new Map<string, string>();

/** What a line of a machine's state is about: a sysctl's or a file's path, or what ethtool says of a NIC. */
const subjectOf = (line: string): string =>
  /^[0-9a-f]{32} {2}(.*)$/.exec(line)?.[1] ?? /^\/[^: ]*/.exec(line)?.[0] ?? line.split(' ', 2).join(' ');

/** Sizes that the kernel works out from the memory that a boot finds free: some pages more or less each time. */
const SIZED = /\/(?:file-max|threads-max|max_user_\w+|(?:tcp|udp)_mem|(?:user|admin)_reserve_kbytes)$/;

const moved = (before: readonly string[], after: readonly string[]): readonly string[] =>
  differences(before.join('\n'), after.join('\n')).filter((line) => !SIZED.test(subjectOf(line.slice(2))));

const said = async (script: string): Promise<string> => {
  const {status, stdout, stderr} = await machine.run(script);
  if (status !== 0) throw new Error(`${script}: ${stderr}`);
  return stdout;
};

const cutAndBack = async (): Promise<void> => {
  const boot = await machine.bootId();
  await machine.powerCut();
  await machine.waitForReboot(boot);
  await said('systemctl is-system-running --wait; true');
};

test.before(async (t) => {
  t.timeout(LIMIT_MS);
  machine = await bootMachine((line) => t.log(line));
  await said('systemctl is-system-running --wait; true');
  const before = await machineState(machine);
  await cutAndBack();
  untouched = await machineState(machine);
  restless = new Set(moved(before, untouched).map((line) => subjectOf(line.slice(2))));
});

test.after.always(async () => {
  await machine?.stop();
});

/** Cuts the power while the run is in its endless step, and says how the run ended as its controller saw it. */
const cutInEndlessStep = async (run: RunSpec): Promise<RunOutcome> => {
  const place = numberedChanges(run).findIndex(({id}) => id === CUT_HERE);
  const cuts: Promise<void>[] = [];
  const onEvent: CarryOutOptions['onEvent'] = (event) => {
    if (event.event === 'begin' && event.change === place) cuts.push(cutAndBack());
  };
  const outcome = await carry(machine.target, run, {onEvent});
  await Promise.all(cuts);
  if (cuts.length !== 1) throw new Error(`the power was cut ${String(cuts.length)} times`);
  return outcome;
};

/** Cuts the power while the run waits for its confirmation. */
const cutInWindow = async (run: RunSpec): Promise<RunOutcome> => {
  let cuts = 0;
  const verify = async (): Promise<[]> => {
    cuts += 1;
    // The controller comes back for another try, and finds another boot.
    if (cuts === 1) await cutAndBack();
    return [];
  };
  return carry(machine.target, run, {verify});
};

/** What is otherwise than it was, beyond what any boot changes; and what is left of runs that go on. */
const changed = async (): Promise<readonly string[]> => [
  ...moved(untouched, await machineState(machine)).filter((line) => !restless.has(subjectOf(line.slice(2)))),
  ...(await said('ls -A /run/linerate 2>/dev/null; true')).split('\n').filter((line) => line !== ''),
];

test.serial('what any boot changes is none of what the runs change', (t) => {
  const subjects = [...restless];
  t.log(subjects.join(', '));
  t.deepEqual(
    subjects.filter((subject) => /^\/(?:etc|boot)|somaxconn|keepalive/.test(subject)),
    [],
  );
});

test.serial('mid-apply, with files and sysctls written: all is as it was', async (t) => {
  t.timeout(LIMIT_MS);
  const run = runOf({changes: [...LIVE, ...FILES, endless()], times: TIMES});
  t.is((await cutInEndlessStep(run)).outcome, 'rolled-back');
  t.deepEqual(await changed(), []);
  t.is((await hostsWord(machine.target, run)).state, 'undone');
  ends.set(run.id, 'undone: it was cut off');
});

test.serial('in the confirm window: all is as it was', async (t) => {
  t.timeout(LIMIT_MS);
  const run = runOf({changes: [...LIVE, ...FILES], times: TIMES});
  t.is((await cutInWindow(run)).outcome, 'rolled-back');
  t.deepEqual(await changed(), []);
  t.is((await hostsWord(machine.target, run)).state, 'undone');
  ends.set(run.id, 'undone: it was cut off');
});

test.serial('in the confirm window of a run that has written no file: all is as it was', async (t) => {
  t.timeout(LIMIT_MS);
  const run = runOf({changes: LIVE, lasting: FILES, times: TIMES});
  t.is((await cutInWindow(run)).outcome, 'rolled-back');
  t.deepEqual(await changed(), []);
});

test.serial('while the boot layer is written: none of it is left', async (t) => {
  t.timeout(LIMIT_MS);
  const run = runOf({changes: LIVE, lasting: [...FILES, endless()], times: TIMES});
  const outcome = await cutInEndlessStep(run);
  t.like(outcome, {outcome: 'confirmed', unpersisted: 'the run: it was cut off'});
  t.deepEqual(await changed(), []);
  t.is((await hostsWord(machine.target, run)).state, 'unpersisted');
  ends.set(run.id, 'confirmed, not yet persisted: the run: it was cut off');
});

test.serial('right after its end: all of it is there, and the boot has read it', async (t) => {
  t.timeout(LIMIT_MS);
  const run = runOf({changes: LIVE, lasting: FILES, times: TIMES});
  t.is((await carry(machine.target, run)).outcome, 'confirmed');
  await cutAndBack();
  t.is((await hostsWord(machine.target, run)).state, 'confirmed');
  ends.set(run.id, 'confirmed');
  t.is(await said('cat /proc/sys/net/core/somaxconn /proc/sys/net/ipv4/tcp_keepalive_time'), '5001\n601\n');
  const made = FILES.flatMap(({steps}) => steps);
  for (const step of made) {
    if (step.do !== 'put') continue;
    t.is(await said(`cat ${step.path}`), step.text);
    t.is(await said(`stat -c %a ${step.path}`), `${step.mode.toString(8)}\n`);
  }
});

test.serial('linerate history tells what became of each', async (t) => {
  t.timeout(LIMIT_MS);
  const inventory = path.join(temporaryFolder(), 'machine.ini');
  writeFileSync(inventory, `machine ansible_ssh_common_args='-F ${machine.sshConfigPath}'\n`);
  const {status, stdout, stderr} = await linerate(['history', '-i', inventory]);
  t.is(status, 0, stderr);
  const told = stdout.matchAll(/^ {2}(\S+) {2}.* {2}(.+)$/gm);
  t.deepEqual(new Map([...told].map(([, id, end]) => [id, end])), ends);
});
