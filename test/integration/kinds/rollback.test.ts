import test from 'ava';
import {command} from '../../../engine/plan/recipe/wish/command.ts';
import {file, folder, link} from '../../../engine/plan/recipe/wish/file.ts';
import {group} from '../../../engine/plan/recipe/wish/group.ts';
import {mounted} from '../../../engine/plan/recipe/wish/mount.ts';
import {user} from '../../../engine/plan/recipe/wish/user.ts';
import {differences} from '../../support/guarded-runs.ts';
import {startLab, type Lab} from '../../support/lab/lab.ts';
import {hostAt, runOn} from '../../support/lab/runs.ts';
import {applyWishes, rollBack} from '../../support/wishes.ts';

const WHY = {why: 'a test'};

// Each needs the one before it: going back they go the other way round.
const WISHES = [
  group('lr-app', WHY),
  user('lr-app', {group: 'lr-app', ...WHY}),
  folder('/etc/lr/app', {owner: 'lr-app:lr-app', mode: 0o750, ...WHY}),
  file('/etc/lr/app/a-file', {text: "it's\n", owner: 'root:lr-app', mode: 0o640, ...WHY}),
  file('/etc/lr-there', {text: 'after, without a newline', ...WHY}),
  file('/etc/lr-going', {absent: true, ...WHY}),
  link('/etc/lr-link', {target: 'lr/app', ...WHY}),
  mounted('/etc/lr/mounted', 'tmpfs', {options: 'size=1m', ...WHY}),
  command('listed', {
    run: ['sh', '-c', 'echo listed >>/etc/lr-list'],
    unless: ['grep', '-q', 'listed', '/etc/lr-list'],
    undo: ['sed', '-i', '/listed/d', '/etc/lr-list'],
    ...WHY,
  }),
];

const STATE = String.raw`
find /etc/lr* -printf '%p %y %m %u %g %l\n' 2>/dev/null | sort
find /etc/lr* -type f -exec sha256sum {} + 2>/dev/null | sort
getent passwd | sort; getent group | sort; grep ' /etc/lr' /proc/mounts`;

let lab: Lab;

test.before(async () => {
  lab = await startLab({hosts: 1});
});

test.after.always(async () => lab?.stop());

test.serial(
  'a recipe’s own settings are made in their order, made once, and rolled back the other way round',
  async (t) => {
    const {target} = hostAt(lab, 0);
    const state = async (): Promise<string> => (await runOn(target, STATE)).stdout;
    await runOn(
      target,
      String.raw`printf 'before\n\n' >/etc/lr-there; chmod 600 /etc/lr-there
printf '\377\000' >/etc/lr-going; : >/etc/lr-list; ln -s nowhere /etc/lr-link`,
    );
    const before = await state();
    // No systemd runs there that would mount it at boot: that is told, and nothing else.
    const blocks = [{id: 'mount /etc/lr/mounted'}];
    t.like(await applyWishes(target, WISHES), {outcome: 'done', changed: WISHES.length, left: [], blocks});
    const after = await state();
    t.regex(after, /^\/etc\/lr\/app\/a-file f 640 root lr-app $/m);
    t.regex(after, /^\/etc\/lr-link l 777 root root lr\/app$/m);
    t.like(await applyWishes(target, WISHES), {outcome: 'done', changed: 0, left: [], blocks});
    t.like(await rollBack(target), {outcome: 'done', blocks: []});
    t.deepEqual(differences(before, await state()), []);
  },
);

test.serial('what somebody else changed since is told in short, and left as it is', async (t) => {
  const {target} = hostAt(lab, 0);
  await applyWishes(target, [file('/etc/lr-shared', {text: 'ours\n', ...WHY})]);
  await runOn(target, 'echo theirs >/etc/lr-shared');
  const rolled = await rollBack(target);
  t.is(rolled.outcome, 'refused');
  t.regex(
    JSON.stringify(rolled),
    /"before":"absent","after":"1 line \([0-9a-f]{8}\), 0644 root:root","found":"1 line \(/,
  );
});

test.serial('a folder in which somebody else has put something stays, and all else goes', async (t) => {
  const {target} = hostAt(lab, 0);
  const wishes = [
    folder('/etc/lr-app', WHY),
    folder('/etc/lr-app/ours', WHY),
    folder('/etc/lr-app/state', WHY),
    file('/etc/lr-app/ours/file', {text: '', ...WHY}),
  ];
  await applyWishes(target, wishes);
  await runOn(target, ': >/etc/lr-app/state/theirs');
  const reason = (name: string): string => `the folder stays: ${name} is in it, which the run did not make`;
  t.like(await rollBack(target), {
    outcome: 'done',
    blocks: [
      {id: 'file /etc/lr-app/state', reason: reason('theirs')},
      {id: 'file /etc/lr-app', reason: reason('state')},
    ],
  });
  t.is(
    (await runOn(target, 'find /etc/lr-app | sort')).stdout,
    '/etc/lr-app\n/etc/lr-app/state\n/etc/lr-app/state/theirs\n',
  );
});
