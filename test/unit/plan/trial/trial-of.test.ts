import test from 'ava';
import type {Facts} from '../../../../engine/facts/facts.ts';
import type {Setting} from '../../../../engine/model/setting.ts';
import {trialCommandLine} from '../../../../engine/plan/trial/command-line.ts';
import {trialOf} from '../../../../engine/plan/trial/trial-of.ts';
import {exampleFacts} from '../../../support/facts.ts';
import {TEMPLATES} from '../../../support/lasting.ts';

const wanted = (name: string, want: string): Setting => ({
  id: `boot ${name}`,
  live: 'absent',
  boot: {held: 'absent'},
  want,
  pending: ['live', 'boot'],
  why: 'it is wanted',
  source: 'a test',
  from: {layer: 'workload', at: 'a test'},
  effect: 'reboot',
  undo: 'reboot',
});

const EXAMPLE = exampleFacts();
const FACTS: Facts = {
  ...EXAMPLE,
  mounts: [{device: '/dev/sda1', path: '/', type: 'ext4', options: 'rw'}],
  boot: {
    ...EXAMPLE.boot,
    nextCommandLine: 'root=/dev/sda1 ro quiet isolcpus=1',
    linux: '/boot/vmlinuz-6.1.0-30-amd64 root=/dev/sda1 ro quiet isolcpus=1',
  },
};

const on = (loader: Facts['boot']['loader'], id: string, idLike: readonly string[], at: string): Facts => ({
  ...FACTS,
  os: {...FACTS.os, id, idLike},
  boot: {...FACTS.boot, loader, configuredIn: [at]},
});

const RHEL = on('bls', 'rocky', ['rhel', 'centos', 'fedora'], '/boot/loader/entries/0123-5.14.0-1.el9.x86_64.conf');
const ARCH = on('systemd-boot', 'arch', [], '/boot/loader/entries/arch.conf');

const trial = (facts: Facts, ...settings: readonly Setting[]) => trialOf(facts, {settings}, TEMPLATES);

const ISOLATION = wanted('isolcpus', '2-3');

test('what boots is a copy of the entry that boots by default, with the wanted arguments in place of the earlier ones', (t) => {
  const made = trial(FACTS, ISOLATION, wanted('nosmt', 'present'), wanted('quiet', 'absent')).trial;
  t.deepEqual(made?.entry, {
    loader: 'grub',
    config: '/boot/grub/grub.cfg',
    linux: '/boot/vmlinuz-6.1.0-30-amd64 root=/dev/sda1 ro quiet isolcpus=1',
  });
  t.is(made?.commandLine, 'root=/dev/sda1 ro isolcpus=2-3 nosmt');
  t.is(made?.tries, 'isolcpus=2-3 nosmt');
  t.deepEqual(made?.carries, ['boot isolcpus', 'boot nosmt', 'boot quiet']);
  t.deepEqual(
    made?.lasting.map(({id}) => id),
    ['file /etc/default/grub.d/zz-linerate.cfg'],
  );
});

test('huge pages are tried as one ordered block, IOMMU arguments as they are', (t) => {
  const settings = [
    wanted('hugepages', '4'),
    wanted('hugepagesz', '1G'),
    wanted('default_hugepagesz', '1G'),
    wanted('intel_iommu', 'on'),
    wanted('iommu', 'pt'),
  ];
  const line = trial(FACTS, ...settings).trial?.commandLine ?? '';
  t.is(
    line,
    'root=/dev/sda1 ro quiet isolcpus=1 default_hugepagesz=1G intel_iommu=on iommu=pt hugepagesz=1G hugepages=4',
  );
});

test('each loader’s own words bring back a boot that gets stuck in the initial file system', (t) => {
  const line = (facts: Facts): string => {
    const made = trial(facts, ISOLATION).trial;
    return made ? trialCommandLine(made, 'RUN') : '';
  };
  const common = 'root=/dev/sda1 ro quiet isolcpus=2-3 panic=30';
  const last = 'systemd.wants=linerate-trial.service linerate.trial=RUN';
  t.is(line(FACTS), `${common} ${last}`);
  t.is(line(RHEL), `${common} rd.shell=0 rd.emergency=reboot ${last}`);
  t.is(line(ARCH), `${common} rd.shell=0 rd.emergency=reboot ${last}`);
});

test('entries of the Boot Loader Specification are copied where they lie', (t) => {
  t.deepEqual(trial(RHEL, ISOLATION).trial?.entry, {
    loader: 'bls',
    copies: '/boot/loader/entries/0123-5.14.0-1.el9.x86_64.conf',
  });
  t.deepEqual(trial(ARCH, ISOLATION).trial?.entry, {loader: 'systemd-boot', copies: '/boot/loader/entries/arch.conf'});
});

test('nothing pending, nothing to try', (t) => {
  t.deepEqual(trial(FACTS), {blocks: []});
  t.deepEqual(trial(FACTS, {...ISOLATION, pending: []}), {blocks: []});
});

const mounted = (path: string, device: string, type = 'ext4'): Facts => ({
  ...FACTS,
  mounts: [...FACTS.mounts, {device, path, type, options: 'rw'}],
});

const reasons = (facts: Facts): readonly string[] => {
  const {trial: made, blocks} = trial(facts, ISOLATION);
  return made ? [] : blocks.map(({id, reason, hint}) => `${id}: ${reason} (${hint ?? ''})`);
};

test('where GRUB cannot write its environment, a trial would boot again and again: it is refused', (t) => {
  const where = 'where /boot/grub lies';
  const hint = '(--allow-irreversible writes it untried)';
  t.deepEqual(reasons(mounted('/boot', '/dev/md0')), [
    `boot isolcpus: GRUB cannot write to MD RAID, ${where} (/dev/md0) ${hint}`,
  ]);
  t.deepEqual(reasons(mounted('/', '/dev/mapper/vg0-root')), [
    `boot isolcpus: GRUB cannot write to device-mapper (LVM, LUKS), ${where} (/dev/mapper/vg0-root) ${hint}`,
  ]);
  t.deepEqual(reasons(mounted('/boot', '/dev/sda2', 'btrfs')), [
    `boot isolcpus: GRUB cannot write to btrfs, ${where} ${hint}`,
  ]);
  t.deepEqual(reasons(mounted('/boot', 'rpool/ROOT', 'zfs')), [
    `boot isolcpus: GRUB cannot write to zfs, ${where} ${hint}`,
  ]);
  t.deepEqual(reasons(mounted('/boot', '/dev/mapper/mpatha2')), [], 'GRUB writes to the disks below multipath');
  t.deepEqual(reasons(mounted('/bootstrap', '/dev/md0')), [], 'that is another folder');
  t.is(reasons({...RHEL, mounts: mounted('/boot', '/dev/md0').mounts}).length, 1);
  t.deepEqual(reasons({...ARCH, mounts: mounted('/boot', '/dev/md0').mounts}), [], 'systemd-boot asks the firmware');
});

test('a later mount covers an earlier one of the same path', (t) => {
  const {mounts} = mounted('/boot', '/dev/md0');
  const covered = {...FACTS, mounts: [...mounts, {device: '/dev/sda2', path: '/boot', type: 'xfs', options: 'rw'}]};
  t.deepEqual(reasons(covered), []);
});

test('without systemd, without an entry that is known, or with too long a command line nothing is tried', (t) => {
  t.regex(reasons({...FACTS, os: {...FACTS.os, init: 'other'}}).join(''), /does not boot with systemd/);
  const {linux: _linux, ...boot} = FACTS.boot;
  t.regex(reasons({...FACTS, boot}).join(''), /the entry that grub starts could not be told/);
  const long = {...FACTS, boot: {...FACTS.boot, nextCommandLine: `quiet ${'x'.repeat(1800)}`}};
  t.regex(reasons(long).join(''), /longer than a kernel takes/);
});

test('what no trial is needed to refuse is refused as ever', (t) => {
  const unsafe = trial(FACTS, wanted('isolcpus', '$(reboot)'), wanted('nosmt', 'present'));
  t.deepEqual(
    unsafe.blocks.map(({id}) => id),
    ['boot isolcpus'],
  );
  t.is(unsafe.trial?.tries, 'nosmt');
});

const NEW = '6.1.0-31-rt-amd64';
const KERNEL: Setting = {...wanted('x', NEW), id: 'kernel default', live: {value: '6.1.0-30-amd64'}};

const TWO: Facts = {
  ...FACTS,
  os: {...FACTS.os, id: 'debian', idLike: [], kernel: '6.1.0-30-amd64'},
  boot: {
    ...FACTS.boot,
    loader: 'grub',
    release: '6.1.0-30-amd64',
    entries: [
      {
        release: NEW,
        name: `gnulinux-advanced-1>gnulinux-${NEW}-advanced-1`,
        at: '/boot/grub/grub.cfg',
        commandLine: 'root=/dev/sda1 ro rt',
        linux: `/boot/vmlinuz-${NEW} root=/dev/sda1 ro rt`,
      },
    ],
  },
};

test('another kernel: its own entry boots with the wanted arguments, and both are made to last', (t) => {
  const made = trial(TWO, KERNEL, ISOLATION).trial;
  t.deepEqual(made?.entry, {
    loader: 'grub',
    config: '/boot/grub/grub.cfg',
    linux: `/boot/vmlinuz-${NEW} root=/dev/sda1 ro rt`,
  });
  t.is(made?.commandLine, 'root=/dev/sda1 ro rt isolcpus=2-3');
  t.is(made?.tries, `kernel ${NEW} isolcpus=2-3`);
  t.deepEqual(made?.carries, ['boot isolcpus', 'kernel default']);
  t.deepEqual(
    made?.lasting.map(({id}) => id),
    ['file /etc/default/grub.d/zz-linerate.cfg', 'file /etc/default/grub.d/zz-linerate-kernel.cfg'],
  );
  t.is(trial(TWO, KERNEL).trial?.commandLine, 'root=/dev/sda1 ro rt');
});

test('a kernel that no entry starts is not tried, and neither are arguments without it', (t) => {
  t.deepEqual(trial(FACTS, KERNEL, ISOLATION), {
    blocks: [
      {id: 'kernel default', reason: `no entry of the boot loader starts ${NEW}`, hint: 'install its package first'},
    ],
  });
});

test('a kernel that runs needs no trial; arguments are tried with it and not with the default', (t) => {
  const running = {...TWO, os: {...TWO.os, kernel: NEW}};
  const only: Setting = {...KERNEL, pending: ['boot']};
  t.deepEqual(trial(running, only), {blocks: []});
  t.is(trial(running, only, ISOLATION).trial?.commandLine, 'root=/dev/sda1 ro rt isolcpus=2-3');
});
