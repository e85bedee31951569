import test from 'ava';
import {readHistory} from '../../../engine/effects/apply/history.ts';
import {tryBoot, type TrialEvent, type TrialOptions, type TrialOutcome} from '../../../engine/effects/apply/trial.ts';
import {connect} from '../../../engine/effects/connections/connect.ts';
import {Fault} from '../../../engine/model/fault.ts';
import type {Target} from '../../../engine/model/target.ts';
import type {TrialSpec} from '../../../engine/plan/trial/trial.ts';
import {linerate} from '../../support/cli.ts';
import {TEMPLATES} from '../../support/lasting.ts';
import {startLab, type HostOptions, type Lab} from '../../support/lab/lab.ts';
import {hostAt, runOn} from '../../support/lab/runs.ts';
import {factsOfTree, grubConfig, specOf, trialIn} from './boot-host.ts';
import {rebootable, type Mode} from './lab-host.ts';

const HOSTS = {
  good: rebootable(),
  panics: rebootable(),
  unlike: rebootable(),
  slow: rebootable(),
  interrupted: rebootable(),
  dies: rebootable(),
  lvm: rebootable('echo lvm >/run/lab/on'),
  'read-only defaults': rebootable('mount -o bind /etc/default /etc/default && mount -o remount,ro,bind /etc/default'),
  cut: rebootable(),
  'command line': rebootable(),
  'cut while kept': rebootable(),
} satisfies Record<string, HostOptions>;
type Name = keyof typeof HOSTS;

let lab: Lab;

test.before(async (t) => {
  t.timeout(300_000);
  lab = await startLab({hosts: Object.values(HOSTS)});
});

test.after.always(async () => lab?.stop());

const targetOf = (name: Name): Target & {via: 'ssh'} => hostAt(lab, Object.keys(HOSTS).indexOf(name)).target;

const TRIAL = trialIn(factsOfTree(`==> /boot/grub/grub.cfg\n${grubConfig()}`));

const LOOK = String.raw`cd /etc/systemd/system
find /boot . /etc/default -type f -exec sha256sum {} + | sort
find /boot . /etc/default -printf '%p %m %u:%g %l\n' | sort`;

const told = async (name: Name, script: string): Promise<string> => (await runOn(targetOf(name), script)).stdout;

type Attempt = Partial<TrialOptions> & {mode?: Mode; deadline?: number};

const attempt = async (name: Name, options: Attempt = {}): Promise<TrialOutcome> => {
  const spec: TrialSpec = {...specOf(TRIAL), id: '20261120T092600Z-3f9a1c-1', deadline: options.deadline ?? 120};
  await told(name, `echo ${options.mode ?? 'boots'} >/run/lab/mode`);
  return tryBoot(targetOf(name), spec, {
    templates: TEMPLATES,
    keepAs: '20261120T092600Z-3f9a1c-2',
    verify: async () => [],
    signal: AbortSignal.timeout(240_000),
    ...options,
  });
};

const history = async (name: Name): Promise<readonly string[]> => {
  const connection = connect(targetOf(name));
  try {
    return (await readHistory(connection)).map(({state, events}) => {
      const undo = events.find(({event}) => event === 'undo');
      return undo && 'text' in undo ? `${state}: ${undo.text}` : state;
    });
  } finally {
    await connection.close();
  }
};

/** What `linerate history` says of a host. */
const shown = async (name: Name): Promise<string> =>
  (await linerate(['history', '-i', lab.inventoryPath, '-l', targetOf(name).name])).stdout;

test('a host that comes back with what is tried keeps it: its journal and the run’s are in its history', async (t) => {
  const events: TrialEvent[] = [];
  const outcome = await attempt('good', {onEvent: (event) => events.push(event)});
  t.like(outcome, {outcome: 'kept', run: {outcome: 'confirmed'}, notes: []});
  t.deepEqual(await history('good'), ['confirmed', 'confirmed']);
  t.regex(
    await shown('good'),
    /1 {2}.* trial boot with isolcpus=2-3 nosmt {2}kept\n.*-2 {2}.* 1 change {2}confirmed\n/,
  );
  t.regex(await told('good', 'cat /etc/default/grub.d/zz-linerate.cfg'), / isolcpus=2-3 nosmt'\n$/);
  t.is(await told('good', 'ls /boot/grub /etc/systemd/system | grep -e custom -e trial || :'), '');
  t.deepEqual(
    events.filter(({event}) => event !== 'waiting').map(({event}) => event),
    ['rebooting', 'back'],
  );
  t.true(events.some(({event}) => event === 'waiting'));
});

test('a host that comes back without it fell back by itself, as it was', async (t) => {
  const before = await told('panics', LOOK);
  const outcome = await attempt('panics', {mode: 'panics'});
  const reason = 'the trial boot did not come up; the host is back on its earlier boot';
  t.like(outcome, {outcome: 'fell-back', reason, mismatches: [], notes: []});
  t.is(await told('panics', LOOK), before);
  t.deepEqual(await history('panics'), [`undone: ${reason}`]);
  t.true((await shown('panics')).includes(`trial boot with isolcpus=2-3 nosmt  fell back: ${reason}\n`));
});

test('a boot that does not hold what is wanted is left at once', async (t) => {
  const before = await told('unlike', LOOK);
  const mismatches = [{id: 'boot isolcpus', want: '2-3', found: '2'}];
  let asked = 0;
  const outcome = await attempt('unlike', {
    verify: async () => {
      asked += 1;
      return mismatches;
    },
  });
  const reason = 'boot isolcpus holds "2", not "2-3"; the host is back on its earlier boot';
  t.like(outcome, {outcome: 'fell-back', reason, mismatches});
  t.is(asked, 1);
  t.is(await told('unlike', LOOK), before);
});

test('a deadline that is faster than we are has decided', async (t) => {
  const before = await told('slow', LOOK);
  const outcome = await attempt('slow', {
    deadline: 3,
    verify: async () => {
      for (;;) {
        const line = await told('slow', 'cat /proc/cmdline').catch(() => '');
        if (line !== '' && !line.includes('linerate.trial')) return [];
      }
    },
  });
  t.like(outcome, {outcome: 'fell-back', mismatches: []});
  t.is(await told('slow', LOOK), before);
  t.regex((await history('slow')).join(), /^undone: the trial boot came up, and nobody confirmed it within 3 s/);
});

test('who is interrupted while the host is away leaves it to its deadline', async (t) => {
  const before = await told('interrupted', LOOK);
  const controller = new AbortController();
  const outcome = await attempt('interrupted', {
    deadline: 4,
    signal: controller.signal,
    onEvent: ({event}) => {
      if (event === 'rebooting') controller.abort();
    },
  });
  t.is(outcome.outcome, 'interrupted');
  while (!(await history('interrupted')).join().startsWith('undone'));
  t.is(await told('interrupted', LOOK), before);
});

test('a host that never comes back is lost, and it is said what it does by itself', async (t) => {
  const outcome = await attempt('dies', {mode: 'dies', deadline: 1, awaySeconds: 2});
  t.like(outcome, {outcome: 'lost'});
  t.regex('reason' in outcome ? outcome.reason : '', /has not come back; .* goes back to its earlier boot by itself/);
});

test('what cannot be tried is refused, with a reason and nothing written', async (t) => {
  const before = await told('lvm', LOOK);
  t.deepEqual(await attempt('lvm'), {
    outcome: 'refused',
    code: 'cannot-try',
    reason: 'GRUB cannot write /boot/grub/grubenv: it lies on lvm',
    hint: '--allow-irreversible writes kernel arguments untried',
  });
  t.is(await told('lvm', LOOK), before);
  t.deepEqual(await history('lvm'), []);
});

test('kept, but not to be made last: the next boot is the earlier one, and that is told', async (t) => {
  const outcome = await attempt('read-only defaults');
  t.like(outcome, {outcome: 'kept', run: {outcome: 'confirmed'}});
  t.regex(JSON.stringify(outcome), /unpersisted":".*Read-only file system/);
  t.deepEqual(await history('read-only defaults'), ['unpersisted', 'unpersisted']);
  t.regex(await shown('read-only defaults'), /kept until the next reboot: it was not made to last\n/);
});

test('a connection that was cut before anything was begun: the host says so', async (t) => {
  const connection = connect(targetOf('cut'));
  await connection.run('true');
  await connection.close();
  t.like(await attempt('cut', {connection}), {
    outcome: 'refused',
    code: 'unknown-run',
    hint: 'nothing was changed: try again',
  });
});

test('a connection that is cut just when the host has kept its trial: it is made to last all the same', async (t) => {
  const outcome = await attempt('cut while kept', {
    verify: async () => {
      await told('cut while kept', 'sh /var/lib/linerate/runs/*/trial.sh keep 0');
      throw new Fault({code: 'ssh-dropped', owner: 'unreachable', message: 'cut'});
    },
  });
  t.like(outcome, {outcome: 'kept', run: {outcome: 'confirmed'}});
  t.deepEqual(await history('cut while kept'), ['confirmed', 'confirmed']);
});

test('linerate apply --reboot tries what else is refused', async (t) => {
  const settings = JSON.stringify({linerate_settings: {'boot isolcpus': '2-3'}});
  const words = ['-i', lab.inventoryPath, '-l', targetOf('command line').name, '-e', settings, '--yes'];
  const refused = await linerate(['apply', ...words]);
  t.regex(refused.stdout + refused.stderr, /refused boot isolcpus: /);
  t.is(await told('command line', 'ls /etc/default/grub.d | grep linerate || :'), '');
  const applied = await linerate(['apply', ...words, '--reboot']);
  t.is(applied.status, 0, applied.stderr);
  t.regex(await told('command line', 'cat /proc/cmdline'), / isolcpus=2-3 panic=30 /);
  t.deepEqual(await history('command line'), ['confirmed', 'confirmed']);
});
