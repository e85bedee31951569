import test from 'ava';
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
  lab = await startLab({hosts: Array.from({length: 4}, () => ({prepare: DISK}))});
});

test.after.always(async () => lab?.stop());

/** What shell text in the disk's root says after a power cut right now. */
const afterPowerCut = async (host: number, script: string): Promise<string> => {
  const cut = `cd /run/lab && cp disk cut && mount -o loop cut then && { (cd then && ${script}); umount then; }`;
  const {stdout, stderr, status} = await runOn(hostAt(lab, host).target, cut);
  if (status !== 0 || stderr !== '') throw new Error(stderr);
  return stdout;
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
