import test from 'ava';
import type {RunOutcome} from '../../../engine/effects/apply/outcome.ts';
import type {RunEvent} from '../../../engine/plan/run/answer.ts';
import {numberedChanges, type RunSpec} from '../../../engine/plan/run/spec.ts';
import {runRecord} from '../../../engine/plan/run/record.ts';
import {commandChange, carry, fileChange, runOf, sysctlChange} from '../../support/guarded-runs.ts';
import {startLab, type Lab} from '../../support/lab/lab.ts';
import {hostAt, runOn} from '../../support/lab/runs.ts';

// Nothing goes to this disk by itself for five minutes: what its image holds is what a power cut would leave of it.
const DISK = `cd /run/lab && truncate -s 16M disk && mkfs.ext4 -q disk && mkdir now then
mount -o loop,commit=300 disk now && mkdir now/etc now/journal && sync
mkdir -p /etc/disk /var/lib/linerate
mount --bind now/etc /etc/disk && mount --bind now/journal /var/lib/linerate`;

let lab: Lab;

test.before(async () => {
  lab = await startLab({hosts: Array.from({length: 6}, () => ({prepare: DISK}))});
});

test.after.always(async () => lab?.stop());

/** What shell text in the disk's root says after a power cut right now. */
const afterPowerCut = async (host: number, script: string): Promise<string> => {
  const cut = `cd /run/lab && cp disk cut && mount -o loop cut then && { (cd then && ${script}); umount then; }`;
  const {stdout, stderr, status} = await runOn(hostAt(lab, host).target, cut);
  if (status !== 0 || stderr !== '') throw new Error(stderr);
  return stdout;
};

/**
 * A power cut and the boot after it: what was in memory is gone, what ran too, nobody gets in, and the unit of a run that was
 * cut off does what it is there for.
 */
const REBOOT = `sshd=$(pgrep -o -x sshd); kill -STOP $sshd
for session in $(pgrep -P $sshd); do [ $session = $PPID ] || kill -KILL $session; done
cd /run/lab && cp disk cut && mount -o loop cut then
mount --bind then/etc /etc/disk && mount --bind then/journal /var/lib/linerate && mv /run/linerate gone
for file in gone/2*/guard gone/2*/watch gone/2*/carry; do read -r pid rest <$file && kill -KILL -$pid $pid; done 2>/dev/null
cd /var/lib/linerate/runs/* && sed -i 's/^read -r BOOT .*/BOOT=another/' run.sh && sh $PWD/run.sh recover
kill -CONT $sshd`;

const CUT_HERE = 'the step that the power cut ends';

/** Carries a run out whose last step the power cut ends: that finds the run's files on disk already, and nothing else of it. */
const cutOff = async (host: number, run: RunSpec): Promise<RunOutcome> => {
  const {target} = hostAt(lab, host);
  const place = numberedChanges(run).findIndex(({id}) => id === CUT_HERE);
  const cuts: Promise<unknown>[] = [];
  const onEvent = (event: RunEvent): void => {
    if (event.event === 'begin' && event.change === place)
      cuts.push(runOn(target, `find /etc/disk -exec sync {} +; ${REBOOT}`));
  };
  const outcome = await carry(target, run, {onEvent});
  await Promise.all(cuts);
  return outcome;
};

const LIVE = [sysctlChange('net/core/somaxconn', '4096', '5001')];
const FILES = [fileChange('/etc/disk/one', 'first\n'), fileChange('/etc/disk/made/deep/two', 'second\n', 0o600)];

/** The journal's words on the run's end, how many of its files it knows again, and the whole of its record. */
const JOURNAL = `cd journal/runs/* && cat state | tr -d '\\n' && tail -n 1 log && cat run.json`;

test('the disk of these tests loses what nobody has synced', async (t) => {
  await runOn(hostAt(lab, 0).target, 'echo lost >/etc/disk/lost; echo kept >/etc/disk/kept; sync /etc/disk/kept');
  t.is(await afterPowerCut(0, 'cat etc/kept && cat etc/lost 2>/dev/null; true'), 'kept\n');
});

test('a run that is told as confirmed is on disk: its files, its journal, its end', async (t) => {
  const run = runOf({changes: LIVE, lasting: FILES});
  t.is((await carry(hostAt(lab, 1).target, run)).outcome, 'confirmed');
  t.is(await afterPowerCut(1, 'cat etc/one etc/made/deep/two && stat -c %a etc/made/deep/two'), 'first\nsecond\n600\n');
  t.is(await afterPowerCut(1, JOURNAL), `confirmedend confirmed\n${runRecord(run)}`);
  const kept = await afterPowerCut(1, 'cd journal/runs/* && wc -l <wrote && cat before/made');
  t.is(kept, '2\n/etc/disk/made\n/etc/disk/made/deep\n');
});

test('so is one that has changed live values alone', async (t) => {
  const run = runOf({changes: LIVE});
  t.is((await carry(hostAt(lab, 2).target, run)).outcome, 'confirmed');
  t.is(await afterPowerCut(2, JOURNAL), `confirmedend confirmed\n${runRecord(run)}`);
});

test('what a run that is told as undone has brought back is on disk', async (t) => {
  const earlier = 'echo earlier >/etc/disk/one; echo other >/etc/disk/two; sync /etc/disk/*';
  await runOn(hostAt(lab, 3).target, earlier);
  const run = runOf({changes: [...FILES, commandChange('fails', 'sync /etc/disk/one; false', ':')]});
  t.is((await carry(hostAt(lab, 3).target, run)).outcome, 'rolled-back');
  t.is(await afterPowerCut(3, 'cat etc/one && ls etc'), 'earlier\none\ntwo\n');
  t.is(await afterPowerCut(3, JOURNAL), `undoneend undone\n${runRecord(run)}`);
});

const endless = commandChange(CUT_HERE, 'exec sleep 600', ':');
const TIMES = {confirm: 60, step: 60, settle: 4, most: 120};

test('cut off among its steps: what they wrote is taken back, however little of the journal was on disk', async (t) => {
  await runOn(hostAt(lab, 4).target, 'echo earlier >/etc/disk/one; sync /etc/disk/one');
  const outcome = await cutOff(4, runOf({changes: [...FILES, endless], times: TIMES}));
  t.like(outcome, {outcome: 'rolled-back', reason: 'it was cut off', notUndone: []});
  t.is((await runOn(hostAt(lab, 4).target, 'cat /etc/disk/one; ls /etc/disk')).stdout, 'earlier\none\n');
});

test('cut off while it writes what lasts: none of that is left, and it is told why', async (t) => {
  const outcome = await cutOff(5, runOf({changes: LIVE, lasting: [...FILES, endless], times: TIMES}));
  t.like(outcome, {outcome: 'confirmed', unpersisted: 'the run: it was cut off'});
  t.is((await runOn(hostAt(lab, 5).target, 'ls /etc/disk')).stdout, '');
});
