import {spawnSync} from 'node:child_process';
import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import type {Facts} from '../../../engine/facts/facts.ts';
import type {Change} from '../../../engine/model/change.ts';
import type {Setting} from '../../../engine/model/setting.ts';
import {shellQuote} from '../../../engine/model/shell.ts';
import {lastingChanges} from '../../../engine/plan/lasting/lasting-changes.ts';
import {unitPath} from '../../../engine/plan/lasting/mount-files.ts';
import {exampleFacts, exampleNic} from '../../support/facts.ts';
import {stepsOf, TEMPLATES, textAt} from '../../support/lasting.ts';

const wanted = (id: string, want: string, given: Partial<Setting> = {}): Setting => ({
  id,
  live: {value: ''},
  boot: {held: 'default'},
  want,
  pending: ['live', 'boot'],
  why: 'it is wanted',
  source: 'a test',
  from: {layer: 'workload', at: 'a test'},
  effect: 'live',
  undo: 'exact',
  ...given,
});

const service = (name: string) => ({name, active: true, enabled: true});

const FACTS: Facts = exampleFacts({
  modules: {loaded: ['ice', 'nf_conntrack'], parameters: {}, options: [], loadedAtBoot: []},
  services: {services: ['irqbalance', 'NetworkManager', 'networking', 'systemd-networkd'].map(service), files: []},
});

// Every kind of destination at once.
const CHANGES = lastingChanges(
  FACTS,
  {
    settings: [
      wanted('sysctl net/core/somaxconn', '65535'),
      wanted('sysctl net/netfilter/nf_conntrack_max', '1048576'),
      wanted('cpu governor', 'performance'),
      wanted('thp enabled', 'madvise'),
      wanted('limit nofile', '1048576'),
      wanted('limit memlock', 'unlimited'),
      wanted('mount /dev/hugepages-1G', 'hugetlbfs'),
      wanted('module ena enable_bql', '1'),
      wanted('module nf_conntrack hashsize', '262144'),
      wanted('boot isolcpus', 'managed_irq,domain,2-3'),
      wanted('service irqbalance', 'stopped'),
      wanted('service irqbalance ban.ice', 'banned'),
      wanted('nic ens1f0 ring.rx', '4096'),
      wanted('irq ens1f0 rx-tx-0', '1'),
      wanted('queue ens1f0 rx-0 rps', '0'),
    ],
  },
  TEMPLATES,
  {allowIrreversible: true},
).changes;

const run = (
  program: string,
  argv: readonly string[],
  input = '',
): {status: number | null; output: string; errors: string} => {
  const {error, status, stdout, stderr} = spawnSync(program, argv, {input, encoding: 'utf8'});
  if (error) throw error;
  return {status, output: stdout, errors: stderr};
};

/** Puts the files of changes below a fresh directory, which goes with the test. */
const installed = (t: {teardown: (undo: () => void) => void}, changes: readonly Change[]): string => {
  const root = mkdtempSync(path.join(tmpdir(), 'linerate-lasting-'));
  t.teardown(() => {
    rmSync(root, {recursive: true, force: true});
  });
  for (const step of stepsOf(changes)) {
    if (step.do !== 'put') continue;
    const file = path.join(root, step.path);
    mkdirSync(path.dirname(file), {recursive: true});
    writeFileSync(file, step.text, {mode: step.mode});
  }
  return root;
};

const putPaths = stepsOf(CHANGES).flatMap((step) => (step.do === 'put' ? [step.path] : []));

test('systemd takes the units, and starts those that have to be started', (t) => {
  const root = installed(t, CHANGES);
  const units = putPaths.filter((file) => /^\/etc\/systemd\/system\/[^/]+\.(?:service|path|mount)$/.test(file));
  t.deepEqual(units.map((file) => path.basename(file)).sort(), [
    'dev-hugepages\\x2d1G.mount',
    'linerate-host.service',
    'linerate-nic@.service',
    'linerate-up.path',
    'linerate-up.service',
  ]);
  const instance = path.join(root, 'linerate-nic@ens1f0.service');
  writeFileSync(instance, textAt(CHANGES, '/etc/systemd/system/linerate-nic@.service') ?? '');
  const files = units.filter((file) => !file.includes('@')).map((file) => path.join(root, file));
  const verified = run('systemd-analyze', ['verify', '--man=no', '--recursive-errors=no', ...files, instance]);
  const complaints = verified.errors.split('\n').filter((line) => /linerate|hugepages/.test(line));
  t.deepEqual(complaints, []);
  const enable = stepsOf(CHANGES).find((step) => step.do === 'run' && step.argv[1] === 'enable');
  const names = enable?.do === 'run' ? enable.argv.slice(2) : [];
  const enabled = run('systemctl', [`--root=${root}`, 'enable', ...names]);
  t.is(enabled.status, 0, enabled.errors);
  const state = run('systemctl', [`--root=${root}`, 'is-enabled', ...names]);
  t.deepEqual(
    state.output.trim().split('\n'),
    names.map(() => 'enabled'),
  );
});

test('systemd escapes paths as we do', (t) => {
  const character = fc.constantFrom(...'abcXYZ019.-_:/\\ @é'.split(''));
  const paths = fc.sample(
    fc.array(character, {minLength: 1, maxLength: 12}).map((all) => `/${all.join('')}`),
    200,
  );
  // `..` and `.` are refused by systemd-escape.
  const usable = paths.filter((one) => !one.split('/').some((part) => part === '.' || part === '..'));
  const escaped = run('systemd-escape', ['--path', '--', ...usable]);
  t.is(escaped.status, 0, escaped.errors);
  t.deepEqual(usable.map(unitPath), escaped.output.trim().split(' '));
});

test('shellcheck and three shells take the scripts', (t) => {
  const scripts = [
    '/etc/linerate/hold.sh',
    '/etc/network/if-up.d/linerate',
    '/etc/NetworkManager/dispatcher.d/90-linerate',
    '/etc/default/grub.d/zz-linerate.cfg',
  ];
  const refresh = stepsOf(CHANGES).flatMap((step) =>
    step.do === 'run' && step.argv[1] === '-c' ? [step.argv[2] ?? ''] : [],
  );
  t.is(refresh.length, 1);
  for (const text of [...scripts.map((file) => textAt(CHANGES, file) ?? ''), ...refresh]) {
    t.not(text, '');
    // What GRUB's drop-in sets is read by who sources it.
    const checked = run('shellcheck', ['-s', 'sh', '-e', 'SC2034', '-'], text);
    t.is(checked.output, '');
    for (const [shell = '', ...argv] of [['dash'], ['busybox', 'sh'], ['bash', '--posix']])
      t.is(run(shell, [...argv, '-n'], text).errors, '', shell);
  }
});

test('modprobe reads the module options', (t) => {
  const root = installed(t, CHANGES);
  const {output, errors} = run('modprobe', ['-C', path.join(root, '/etc/modprobe.d'), '-c']);
  t.is(errors, '');
  const options = output.split('\n').filter((line) => /^options (?:ena|nf_conntrack) /.test(line));
  t.deepEqual(options, ['options ena enable_bql=1', 'options nf_conntrack hashsize=262144']);
});

test('irqbalance’s unit is given the bans after what the administrator set', (t) => {
  const text = textAt(CHANGES, '/etc/linerate/irqbalance') ?? '';
  const said = run('dash', ['-c', `${text}\nprintf '%s|%s' "$IRQBALANCE_ARGS" "$OPTIONS"`]);
  t.is(said.output, '--banmod=ice|--banmod=ice');
  t.regex(
    textAt(CHANGES, '/etc/systemd/system/irqbalance.service.d/linerate-boot.conf') ?? '',
    /^EnvironmentFile=\/etc\/linerate\/irqbalance$/m,
  );
});

const BOOT_WORDS = [
  'quiet',
  'isolcpus=1',
  'isolcpus',
  'hugepages=4',
  'hugepagesz=2M',
  'hugepagesz=1G',
  'nosmt',
  'ro',
  'isolcpusx=1',
  'rcu-nocbs=3',
];

test('GRUB’s drop-in: wanted arguments once and last, all others kept in order', (t) => {
  const sample = fc.sample(
    fc.tuple(
      fc.array(fc.constantFrom(...BOOT_WORDS), {maxLength: 6}),
      fc.array(fc.constantFrom(...BOOT_WORDS), {maxLength: 6}),
    ),
    80,
  );
  const changes = lastingChanges(
    FACTS,
    {settings: [wanted('boot isolcpus', '2-3'), wanted('boot rcu_nocbs', '2-3'), wanted('boot nosmt', 'absent')]},
    TEMPLATES,
    {allowIrreversible: true},
  ).changes;
  const text = textAt(changes, '/etc/default/grub.d/zz-linerate.cfg') ?? '';
  const source = sample.map(
    ([
      all,
      normal,
    ]) => `GRUB_CMDLINE_LINUX=${shellQuote(all.join(' '))}; GRUB_CMDLINE_LINUX_DEFAULT=${shellQuote(normal.join(' '))}
${text}
printf '%s|%s\\n' "$GRUB_CMDLINE_LINUX" "$GRUB_CMDLINE_LINUX_DEFAULT"`,
  );
  const gone = new Set(['isolcpus=1', 'isolcpus', 'nosmt', 'rcu-nocbs=3']);
  const expected = sample.map(([all, normal]) => {
    const kept = (words: readonly string[]): readonly string[] => words.filter((word) => !gone.has(word));
    return `${kept(all).join(' ')}|${[...kept(normal), 'isolcpus=2-3', 'rcu_nocbs=2-3'].join(' ')}`;
  });
  const {output, errors} = run('dash', [], source.join('\n'));
  t.is(errors, '');
  t.deepEqual(
    output
      .trimEnd()
      .split('\n')
      .map((line) => line.replace('| ', '|')),
    expected,
  );
});

test('a virtio NIC’s vectors are known by its device’s name', (t) => {
  const nic = exampleNic({
    name: 'eth0',
    driver: 'virtio_net',
    devicePath: '/sys/devices/pci0000:00/0000:00:03.0/virtio1',
    queues: 1,
    vectors: 'split',
  });
  const irqs = nic.irqs.map((irq) => ({...irq, name: irq.role === 'rx' ? 'virtio1-input.0' : irq.name}));
  const facts = exampleFacts({nics: [{...nic, irqs}]});
  const {changes} = lastingChanges(facts, {settings: [wanted('irq eth0 rx-0', '2')]}, TEMPLATES);
  t.regex(textAt(changes, '/etc/linerate/hold.conf') ?? '', /^irq %v-input\.0 = 2$/m);
});
