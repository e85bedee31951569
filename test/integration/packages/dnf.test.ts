import test from 'ava';
import type {Target} from '../../../engine/effects/connection.ts';
import {installed} from '../../../engine/plan/recipe/wish/package.ts';
import {differences} from '../../support/guarded-runs.ts';
import {takenBack} from '../../support/package-hosts.ts';
import type {Lab} from '../../support/lab/lab.ts';
import {hostAt, runOn} from '../../support/lab/runs.ts';
import {rpmsOn, startRpmLab} from '../../support/rpm-hosts.ts';
import {applyWishes, rollBack} from '../../support/wishes.ts';

let lab: Lab;

test.before(async () => {
  lab = await startRpmLab();
});

test.after.always(async () => lab?.stop());

const target = (): Target => hostAt(lab, 0).target;

const outputOn = async (script: string): Promise<string> => (await runOn(target(), script)).stdout.trim();

const versions = async (): Promise<string> =>
  outputOn("rpm -qa --qf '%{NAME} %{VERSION}\\n' 'lr-*' | sort | tr '\\n' ' '");

const why = 'a test';

test.serial('installed with what it needs, and taken back whole; a second time nothing', async (t) => {
  const wish = installed('lr-server', {why});
  const before = await rpmsOn(target());
  await takenBack(t, target(), [wish], rpmsOn);
  t.like(await applyWishes(target(), [wish]), {outcome: 'done', changed: 1, left: [], blocks: []});
  t.is(await versions(), 'lr-base 1.0 lr-library 1.0 lr-server 1.0');
  t.like(await applyWishes(target(), [wish]), {outcome: 'same'});
  t.like(await rollBack(target()), {outcome: 'done', changed: 1});
  await runOn(target(), 'userdel lr-daemon');
  t.deepEqual(differences(before, await rpmsOn(target())), []);
});
