import test from 'ava';
import type {Target} from '../../../engine/effects/connection.ts';
import {installed, removed} from '../../../engine/plan/recipe/wish/package.ts';
import {differences} from '../../support/guarded-runs.ts';
import {reasonOf, takenBack} from '../../support/package-hosts.ts';
import type {Lab} from '../../support/lab/lab.ts';
import {hostAt, runOn} from '../../support/lab/runs.ts';
import {rpmsOn, startRpmLab} from '../../support/rpm-hosts.ts';
import {applyWishes, planWishes} from '../../support/wishes.ts';

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

test.serial('a script that fails, and a name that nobody knows', async (t) => {
  const before = await rpmsOn(target());
  const applied = await applyWishes(target(), [installed('lr-library', {why}), installed('lr-broken', {why})]);
  t.regex(reasonOf(applied), /lr-broken/);
  t.like(applied, {run: {notUndone: []}});
  t.regex(reasonOf(await applyWishes(target(), [installed('lr-none', {why})])), /lr-none/);
  t.deepEqual(differences(before, await rpmsOn(target())), []);
});

test.serial('updates, and nothing removed that nobody named', async (t) => {
  await applyWishes(target(), [installed('lr-server', {why})]);
  await runOn(
    target(),
    `echo 'port 17' >/etc/lr-server.conf
    sed -e 's/old/new/g' /etc/yum.repos.d/old.repo >/etc/yum.repos.d/new.repo`,
  );
  t.regex(reasonOf(await applyWishes(target(), [installed('lr-rival', {why})])), /lr-server/);
  const update = installed('lr-server', {why, version: '2.0-1'});
  t.is((await planWishes(target(), [update])).settings[0]?.undo, 'approximate');
  await takenBack(t, target(), [update, installed('lr-newer', {why})], rpmsOn, {allowIrreversible: true});
  t.like(await applyWishes(target(), [update], {allowIrreversible: true}), {outcome: 'done', changed: 1});
  t.regex(await versions(), /lr-server 2.0/);
  t.is(await outputOn('cat /etc/lr-server.conf'), 'port 17');
  const gone = removed('lr-server', {why});
  t.like(await applyWishes(target(), [gone], {allowIrreversible: true}), {outcome: 'done', changed: 1});
  t.notRegex(await versions(), /lr-server/);
});
