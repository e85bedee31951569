import test from 'ava';
import {command} from '../../../engine/plan/recipe/wish/command.ts';
import {mounted} from '../../../engine/plan/recipe/wish/mount.ts';
import {carriedOut, failedOn, heldIn, unmet} from '../../support/kinds.ts';
import {SHELLS} from '../../support/sandbox.ts';

const WHY = {why: 'a test'};

for (const shell of SHELLS)
  test(`a command is run where its condition does not hold, and its undo takes it back, as ${shell} reads it`, (t) => {
    const odd = `it's $HOME %s \\ "x"`;
    const wishes = [
      command('touched', {run: ['touch', `/srv/${odd}`], creates: `/srv/${odd}`, undo: ['rm', `/srv/${odd}`], ...WHY}),
      command('grown', {
        run: ['sh', '-c', 'echo more >>/srv/list'],
        unless: ['grep', '-q', 'more', '/srv/list'],
        undo: ['sed', '-i', '/more/d', '/srv/list'],
        ...WHY,
      }),
      command('there', {run: ['false'], unless: ['test', '-e', '/srv/list'], ...WHY}),
    ];
    const {before, after, back, plan} = carriedOut(wishes, {prepare: 'touch /srv/list', shell});
    t.deepEqual(
      plan.settings.map(({pending}) => pending.length),
      [1, 1, 0],
    );
    t.deepEqual(
      plan.settings.map(({undo}) => undo),
      ['exact', 'exact', 'never'],
    );
    t.deepEqual(unmet(after, wishes), []);
    t.deepEqual(back.asked, before.asked);
  });

test('a file system is mounted with its options, remounted and taken away again with the folder that was made', (t) => {
  const wishes = [
    mounted('/srv/new/tmp', 'tmpfs', {options: 'size=1m,mode=0700,noexec', ...WHY}),
    mounted('/srv/old', 'tmpfs', {options: 'size=2M', ...WHY}),
    mounted('/srv/same', 'tmpfs', WHY),
  ];
  const prepare = `mkdir /srv/new /srv/old /srv/same
mount -t tmpfs -o size=1m tmpfs /srv/old; mount -t tmpfs -o nosuid tmpfs /srv/same`;
  const {before, after, back, plan} = carriedOut(wishes, {prepare});
  t.deepEqual(
    plan.settings.map(({pending}) => pending.includes('live')),
    [true, true, false],
  );
  t.deepEqual(unmet(after, wishes), []);
  t.deepEqual(heldIn(before, 'mount /srv/new/tmp'), {value: 'absent'});
  t.deepEqual(back.asked, before.asked);
});

test('a mount and a command that fail are taken back without a failure of their own', (t) => {
  const prepare = 'mkdir /srv/there; mount -t tmpfs -o size=1m tmpfs /srv/there';
  const also = "grep -c ' /srv/there ' /proc/mounts; ls /srv";
  const wrongMount = failedOn([mounted('/srv/there', 'hugetlbfs', {options: 'pagesize=3M', ...WHY})], {prepare, also});
  t.regex(wrongMount.log, /^failed 0 exit status \d+ of mount/m);
  t.regex(wrongMount.log, /^undone 0\nend undone$/m);
  t.is(wrongMount.also, '1\nthere\n');
  const wrong = command('wrong', {run: ['false'], creates: '/srv/made', undo: ['rm', '/srv/made'], ...WHY});
  const failed = failedOn([wrong], {prepare, also});
  t.regex(failed.log, /^failed 0 exit status 1 of false/m);
  t.regex(failed.log, /^undone 0\nend undone$/m);
});
