import test from 'ava';
import type {Facts} from '../../../../engine/facts/facts.ts';
import type {Setting} from '../../../../engine/model/setting.ts';
import {lastingChanges, type LastingChanges} from '../../../../engine/plan/lasting/lasting-changes.ts';
import {exampleFacts} from '../../../support/facts.ts';
import {TEMPLATES, textAt} from '../../../support/lasting.ts';

const EXAMPLE = exampleFacts();
const [OLD, NEW] = ['6.1.0-28-amd64', '6.1.0-30-amd64'];

const entry = (release: string) => ({
  release,
  name: `gnulinux-advanced-1>gnulinux-${release}-advanced-1`,
  at: '/boot/grub/grub.cfg',
  commandLine: 'root=/dev/sda1 ro quiet',
  linux: `/boot/vmlinuz-${release} root=/dev/sda1 ro quiet`,
});

const DEBIAN: Facts = {
  ...EXAMPLE,
  os: {...EXAMPLE.os, id: 'debian', idLike: [], kernel: OLD},
  boot: {...EXAMPLE.boot, loader: 'grub', release: OLD, entries: [entry(NEW), entry(OLD)]},
};

const on = (loader: Facts['boot']['loader'], id: string): Facts => ({
  ...DEBIAN,
  os: {...DEBIAN.os, id},
  boot: {...DEBIAN.boot, loader, entries: [NEW, OLD].map((one) => ({...entry(one), name: `token-${one}`}))},
});

const wanted = (rest: string, want: string, pending: Setting['pending'] = ['live', 'boot']): Setting => ({
  id: `kernel ${rest}`,
  live: {value: OLD},
  boot: {held: {value: OLD}},
  want,
  pending,
  why: 'it is wanted',
  source: 'a test',
  from: {layer: 'recipe', at: 'a test'},
  effect: 'reboot',
  undo: 'reboot',
});

const UPDATES = wanted('updates', 'wait');

const lasting = (facts: Facts, settings: readonly Setting[], allowIrreversible = true): LastingChanges =>
  lastingChanges(facts, {settings}, TEMPLATES, {allowIrreversible});

const runs = ({changes}: LastingChanges, which: 'steps' | 'undo'): readonly string[] =>
  changes.flatMap((change) => change[which].flatMap((step) => (step.do === 'run' ? [step.argv.join(' ')] : [])));

const DROP_IN = '/etc/default/grub.d/zz-linerate-kernel.cfg';

test('Debian: a drop-in of its own names the entry, and update-grub there and back', (t) => {
  const made = lasting(DEBIAN, [wanted('default', NEW)]);
  t.regex(
    textAt(made.changes, DROP_IN) ?? '',
    /^GRUB_DEFAULT='gnulinux-advanced-1>gnulinux-6\.1\.0-30-amd64-advanced-1'$/m,
  );
  t.deepEqual([runs(made, 'steps'), runs(made, 'undo')], [['update-grub'], ['update-grub']]);
  t.is(made.changes[0]?.effect, 'reboot');
});

test('Debian: kernels that are installed later wait once the default has a name', (t) => {
  const made = lasting(DEBIAN, [UPDATES], false);
  t.regex(textAt(made.changes, DROP_IN) ?? '', /gnulinux-6\.1\.0-28-amd64-advanced/);
  t.is(made.changes[0]?.effect, 'live');
  t.deepEqual(made.blocks, []);
});

test('a newer kernel that is installed already, and would boot next, waits too: the one that runs is chosen', (t) => {
  const newer = {...DEBIAN, boot: {...DEBIAN.boot, release: NEW}};
  t.regex(textAt(lasting(newer, [UPDATES], false).changes, DROP_IN) ?? '', /gnulinux-6\.1\.0-28-amd64-advanced/);
  const gone = {...newer, boot: {...newer.boot, entries: [entry(NEW)]}};
  t.regex(textAt(lasting(gone, [UPDATES], false).changes, DROP_IN) ?? '', /gnulinux-6\.1\.0-30-amd64-advanced/);
});

test('both at once: the wanted kernel’s name does for both', (t) => {
  const {changes} = lasting(DEBIAN, [UPDATES, wanted('default', NEW)]);
  t.is(changes.length, 1);
  t.deepEqual(changes[0]?.carries, ['kernel default', 'kernel updates']);
  t.regex(textAt(changes, DROP_IN) ?? '', /6\.1\.0-30/);
});

test('Red Hat: grubby chooses, and the packages’ own scripts no longer do', (t) => {
  const made = lasting(on('bls', 'rhel'), [UPDATES, wanted('default', NEW)]);
  const sed = (from: string, to: string): string =>
    `sed -i s/^\\([[:space:]]*UPDATEDEFAULT=["']\\{0,1\\}\\)${from}/\\1${to}/ /etc/sysconfig/kernel`;
  t.deepEqual(runs(made, 'steps'), [sed('yes', 'no'), `grubby --set-default=/boot/vmlinuz-${NEW}`]);
  t.deepEqual(runs(made, 'undo'), [sed('no', 'yes'), `grubby --set-default=/boot/vmlinuz-${OLD}`]);
});

test('systemd-boot: the firmware keeps the entry’s name, or none as before', (t) => {
  const facts = on('systemd-boot', 'debian');
  const made = lasting(facts, [wanted('default', NEW)]);
  t.deepEqual(runs(made, 'steps'), [`bootctl set-default token-${NEW}.conf`]);
  t.deepEqual(runs(made, 'undo'), ['bootctl set-default ']);
  const chosen = {...facts, boot: {...facts.boot, choice: 'token-*'}};
  t.deepEqual(runs(lasting(chosen, [wanted('default', NEW)]), 'undo'), ['bootctl set-default token-*']);
});

test('a kernel that never ran here is not written untried; one that runs is', (t) => {
  t.deepEqual(lasting(DEBIAN, [wanted('default', NEW)], false), {
    changes: [],
    blocks: [
      {
        id: 'kernel default',
        reason: `${NEW} has not run on this host yet, and may not come up`,
        hint: '--reboot tries it in a one-shot boot',
      },
    ],
    findings: [],
  });
  const running = {...DEBIAN, os: {...DEBIAN.os, kernel: NEW}};
  t.is(lasting(running, [wanted('default', NEW, ['boot'])], false).changes.length, 1);
  const own = {texts: {}, enabled: ['linerate-trial.service'], mounts: []};
  const onTrial = {...running, services: {...running.services, own}};
  t.is(lasting(onTrial, [wanted('default', NEW, ['boot'])], false).blocks.length, 1, 'nobody has kept it yet');
});

test('nothing starts it, nothing is written', (t) => {
  const {changes, blocks} = lasting(DEBIAN, [wanted('default', '6.6.1')]);
  t.deepEqual(changes, []);
  t.deepEqual(blocks, [
    {id: 'kernel default', reason: 'no entry of the boot loader starts 6.6.1', hint: 'install its package first'},
  ]);
});

test('what is in place already is not written again', (t) => {
  const [change] = lasting(DEBIAN, [wanted('default', NEW)]).changes;
  const [step] = change?.steps ?? [];
  const texts = {[DROP_IN]: step?.do === 'put' ? step.text : ''};
  const there = {...DEBIAN, services: {...DEBIAN.services, own: {texts, enabled: [], mounts: []}}};
  t.deepEqual(lasting(there, [wanted('default', NEW)]).changes, []);
  t.deepEqual(lasting(there, [wanted('default', NEW, [])]).changes, []);
});
