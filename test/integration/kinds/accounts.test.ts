import test from 'ava';
import {folder} from '../../../engine/plan/recipe/wish/file.ts';
import type {Wish} from '../../../engine/plan/recipe/recipe.ts';
import {group} from '../../../engine/plan/recipe/wish/group.ts';
import {user} from '../../../engine/plan/recipe/wish/user.ts';
import {carriedOut, cutOff, failedOn, heldIn, unmet} from '../../support/kinds.ts';
import {SHELLS} from '../../support/sandbox.ts';

const WHY = {why: 'a test'};

const SOMEBODY = `groupadd -r lr-extra; groupadd -g 4321 lr-own
useradd -r -M -d /srv/somebody -s /bin/sh -G lr-extra,adm lr.somebody`;

for (const shell of SHELLS)
  test(`users and groups are made, changed and taken back, as ${shell} reads them`, (t) => {
    const wishes: readonly Wish[] = [
      group('lr-app', WHY),
      group('lr-numbered', {system: false, gid: 54321, ...WHY}),
      user('lr-app', {group: 'lr-app', ...WHY}),
      user('lr-alone', {home: '/srv/lr', shell: '/bin/sh', uid: 789, groups: ['lr-app', 'adm'], ...WHY}),
      user('lr.somebody', {group: 'lr-own', groups: [], ...WHY}),
      group('lr-own', {gid: 4322, system: false, ...WHY}),
    ];
    const {before, after, back, log} = carriedOut(wishes, {prepare: SOMEBODY, shell});
    t.deepEqual(unmet(after, wishes), []);
    t.deepEqual(heldIn(before, 'user lr-app'), {value: 'absent'});
    t.regex(
      JSON.stringify(heldIn(after, 'user lr-app')),
      /"system uid=\d{3} group=lr-app home=\/ shell=\/usr\/sbin\/nologin groups="/,
    );
    t.deepEqual(heldIn(after, 'user lr-alone'), {
      value: 'system uid=789 group=lr-alone home=/srv/lr shell=/bin/sh groups=adm,lr-app',
    });
    t.deepEqual(heldIn(after, 'group lr-numbered'), {value: 'gid=54321'});
    t.deepEqual(back.asked, before.asked, log);
  });

test('of an account that is there only what is asked for changes', (t) => {
  const wishes = [user('lr.somebody', {shell: '/usr/sbin/nologin', ...WHY})];
  const {before, after} = carriedOut(wishes, {prepare: SOMEBODY});
  const [held, now] = [before, after].map((facts) => JSON.stringify(heldIn(facts, 'user lr.somebody')));
  t.is(now, held?.replace('/bin/sh', '/usr/sbin/nologin'));
  t.deepEqual(
    carriedOut([user('lr.somebody', WHY)], {prepare: SOMEBODY}).plan.settings.flatMap(({pending}) => pending),
    [],
  );
});

test('a user whose group is there already joins it', (t) => {
  const {after} = carriedOut([user('lr-own', WHY)], {prepare: SOMEBODY});
  t.regex(JSON.stringify(heldIn(after, 'user lr-own')), /group=lr-own /);
});

test('an account that goes takes its password with it, which nothing brings back', (t) => {
  const wishes = [user('lr.somebody', {absent: true, ...WHY}), group('lr-own', {absent: true, ...WHY})];
  const {plan, after, back, before} = carriedOut(wishes, {prepare: SOMEBODY});
  t.deepEqual(
    plan.settings.map(({undo}) => undo),
    ['approximate', 'approximate'],
  );
  t.deepEqual(unmet(after, wishes), []);
  // All but that comes back.
  t.deepEqual(heldIn(back, 'user lr.somebody'), heldIn(before, 'user lr.somebody'));
});

test('a reboot that cuts a run off leaves nothing of it: accounts and folders go at the next boot', (t) => {
  const wishes = [user('lr-app', WHY), folder('/etc/lr/one', {owner: 'lr-app:lr-app', ...WHY})];
  const also = 'cut -d: -f1 /etc/passwd /etc/group | grep lr-; find /etc/lr* ; cat /var/lib/linerate/runs/*/log';
  const said = cutOff(wishes, {prepare: ':', also});
  t.deepEqual(
    said.split('\n').filter((line) => /^(?:lr-|\/etc|undone|end)/.test(line)),
    ['undone 1', 'undone 0', 'end undone'],
    said,
  );
});

test('what fails half-way is taken back without a failure of its own', (t) => {
  const wishes = [group('lr-app', WHY), user('lr-app', {groups: ['no-such-group'], ...WHY})];
  const {log, also} = failedOn(wishes, {prepare: ':', also: 'grep lr- /etc/passwd /etc/group || :'});
  t.regex(log, /^failed 1 exit status \d+ of useradd lr-app .*no-such-group/m);
  t.deepEqual(log.trim().split('\n').slice(-3), ['undone 1', 'undone 0', 'end undone']);
  t.is(also, '');
});
