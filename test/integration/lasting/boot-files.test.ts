import {spawnSync} from 'node:child_process';
import {readdirSync} from 'node:fs';
import test from 'ava';
import fc from 'fast-check';
import type {Facts} from '../../../engine/facts/facts.ts';
import {limits} from '../../../engine/facts/limits.ts';
import {modules} from '../../../engine/facts/modules.ts';
import {services} from '../../../engine/facts/services.ts';
import {sysctls} from '../../../engine/facts/sysctls.ts';
import type {Step} from '../../../engine/model/change.ts';
import type {Setting} from '../../../engine/model/setting.ts';
import {shellJoin, shellQuote} from '../../../engine/model/shell.ts';
import {lastingChanges} from '../../../engine/plan/lasting/lasting-changes.ts';
import {kindOf} from '../../../engine/resources/kinds.ts';
import {splitId} from '../../../engine/resources/lookup.ts';
import {exampleFacts} from '../../support/facts.ts';
import {stepsOf, TEMPLATES, textAt, undoOf} from '../../support/lasting.ts';
import {probeInNamespace} from '../../support/namespace-probe.ts';

const pendingAtBoot = (id: string, want: string): Setting => ({
  id,
  live: {value: ''},
  boot: {held: 'default'},
  want,
  pending: ['live', 'boot'],
  why: 'it is wanted; 100 % sure = yes',
  source: 'a test',
  from: {layer: 'workload', at: 'a test'},
  effect: 'live',
  undo: 'exact',
});

const FACTS: Facts = exampleFacts({
  modules: {loaded: ['ice', 'nf_conntrack'], parameters: {}, options: [], loadedAtBoot: []},
  services: {services: [{name: 'irqbalance', active: true, enabled: true}], files: []},
});

const WANTED: readonly Setting[] = [
  pendingAtBoot('sysctl net/core/somaxconn', '65535'),
  pendingAtBoot('sysctl net/ipv4/conf/eth0.5/rp_filter', '2'),
  pendingAtBoot('sysctl net/netfilter/nf_conntrack_max', '1048576'),
  pendingAtBoot('cpu governor', 'performance'),
  pendingAtBoot('cpu max-idle-latency', '3'),
  pendingAtBoot('thp defrag', 'never'),
  pendingAtBoot('hugepages 0 2048kB', '512'),
  pendingAtBoot('limit nofile', '1048576'),
  pendingAtBoot('limit memlock', '65536'),
  pendingAtBoot('mount /dev/hugepages-1G', 'hugetlbfs'),
  pendingAtBoot('module nf_conntrack hashsize', '262144'),
  pendingAtBoot('service irqbalance ban.ice', 'banned'),
  pendingAtBoot('nic ens1f0 ring.rx', '4096'),
  pendingAtBoot('nic ens1f0 coalesce.adaptive-rx', 'off'),
  pendingAtBoot('rss ens1f0', 'equal 4'),
  pendingAtBoot('irq ens1f0 rx-tx-0', '1'),
  pendingAtBoot('queue ens1f0 rx-0 rfs', '8192'),
  pendingAtBoot('queue ens1f0 tx-3 xps', '8'),
];

/** One step below /mnt, where the image lies. */
const onImage = (step: Step): string => {
  if (step.do === 'put') {
    const path = shellQuote(`/mnt${step.path}`);
    return `mkdir -p "$(dirname ${path})"; printf %s ${shellQuote(step.text)} >${path}; chmod ${step.mode.toString(8)} ${path}`;
  }
  if (step.do === 'remove') return `rm -f ${shellQuote(`/mnt${step.path}`)}`;
  const [program, verb = '', ...units] = step.do === 'run' ? step.argv : [];
  return program === 'systemctl' && /^(?:en|dis)able$/.test(verb)
    ? `${shellJoin(['systemctl', '--root=/mnt', verb, ...units])} 2>/dev/null`
    : ':';
};

// irqbalance must be there for its bans to mean anything.
const IMAGE = `mkdir -p /mnt/etc/systemd/system/multi-user.target.wants /mnt/usr/lib/systemd/system /mnt/etc/default
touch /mnt/usr/lib/systemd/system/irqbalance.service
ln -s /usr/lib/systemd/system/irqbalance.service /mnt/etc/systemd/system/multi-user.target.wants/
echo 'IRQBALANCE_ARGS="--hintpolicy=ignore"' >/mnt/etc/default/irqbalance
`;

/** What the real probe says of the image with these steps carried out on it. */
const probed = (steps: readonly Step[]): Facts => {
  const facts = [services, sysctls, modules, limits];
  const frames = probeInNamespace(facts, {prepare: IMAGE + steps.map(onImage).join('\n'), root: '/mnt'});
  return {
    ...FACTS,
    services: services.parse(frames),
    sysctls: {...FACTS.sysctls, configured: sysctls.parse(frames).configured},
    modules: {...FACTS.modules, options: modules.parse(frames).options},
    limits: {...FACTS.limits, configured: limits.parse(frames).configured},
  };
};

test('on an image, the probe reads back every value for the next boot, and where it is kept', (t) => {
  const {changes, blocks} = lastingChanges(probed([]), {settings: WANTED}, TEMPLATES);
  t.deepEqual(blocks, []);
  const facts = probed(stepsOf(changes));
  for (const {id, want} of WANTED) {
    const {kind, rest} = splitId(id);
    const boot = kindOf(kind)?.boot(facts, rest);
    const held = typeof boot?.held === 'object' && 'value' in boot.held ? boot.held.value : '';
    t.true(kindOf(kind)?.same(facts, rest, held, want), `${id} holds ${JSON.stringify(boot)}`);
    t.regex(boot?.by ?? '', /linerate|^\/etc\/systemd\/system\/dev-hugepages\\x2d1G\.mount$/, id);
  }
  const ban = textAt(changes, '/etc/linerate/irqbalance') ?? '';
  t.regex(ban, /^IRQBALANCE_ARGS="--hintpolicy=ignore --banmod=ice"$/m);
});

test('on an image, undoing takes all of it away again', (t) => {
  const before = probed([]);
  const {changes} = lastingChanges(before, {settings: WANTED}, TEMPLATES);
  t.deepEqual(probed([...stepsOf(changes), ...undoOf(changes)]), before);
});

test('on an image, what a later plan does not mention stays, with its reason, and a second run writes nothing', (t) => {
  const first = lastingChanges(probed([]), {settings: WANTED}, TEMPLATES).changes;
  const facts = probed(stepsOf(first));
  const held = WANTED.map((setting) => ({
    ...setting,
    pending: [],
    boot: kindOf(splitId(setting.id).kind)?.boot(facts, splitId(setting.id).rest) ?? setting.boot,
  }));
  t.deepEqual(lastingChanges(facts, {settings: held}, TEMPLATES).changes, []);
  const queues = held.filter(({id}) => /^(?:irq|queue) /.test(id));
  const asked = [
    pendingAtBoot('sysctl net/core/rmem_max', '1'),
    pendingAtBoot('limit nofile', '2097152'),
    pendingAtBoot('module ena enable_bql', '1'),
    pendingAtBoot('thp enabled', 'never'),
  ];
  const second = lastingChanges(facts, {settings: [...asked, ...queues]}, TEMPLATES).changes;
  const after = probed([...stepsOf(first), ...stepsOf(second)]);
  const texts = after.services.own?.texts ?? {};
  const lines = (path: string): readonly string[] =>
    (texts[path] ?? '').split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const earlier = (path: string): readonly string[] =>
    (textAt(first, path) ?? '').split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const sysctlFile = '/etc/sysctl.d/99-zz-linerate.conf';
  t.deepEqual(lines(sysctlFile).toSorted(), [...earlier(sysctlFile), 'net.core.rmem_max = 1'].sort());
  t.regex(texts[sysctlFile] ?? '', /^# it is wanted; .* \[a test\]\nnet\.core\.somaxconn = 65535$/m);
  const hold = '/etc/linerate/hold.conf';
  t.deepEqual(lines(hold).toSorted(), [...earlier(hold), 'thp enabled = never'].sort());
  t.deepEqual(lines('/etc/modprobe.d/zz-linerate.conf'), [
    'options ena enable_bql=1',
    'options nf_conntrack hashsize=262144',
  ]);
  t.deepEqual(lines('/etc/systemd/system.conf.d/zz-linerate.conf').toSorted(), [
    'DefaultLimitMEMLOCK=65536K',
    'DefaultLimitNOFILE=1024:2097152',
    '[Manager]',
  ]);
});

test('on an image, values of queues and interrupts that went with the channels go', (t) => {
  const first = lastingChanges(probed([]), {settings: WANTED}, TEMPLATES).changes;
  const now = probed(stepsOf(first));
  const keysAfter = (nics: Facts['nics']): readonly string[] => {
    const settings = [pendingAtBoot('nic ens1f0 ring.tx', '512')];
    const text = textAt(lastingChanges({...now, nics}, {settings}, TEMPLATES).changes, '/etc/linerate/hold.conf') ?? '';
    const nic = text.split('\nnic ')[1] ?? '';
    return nic.split('\n').flatMap((line) => (line.startsWith('#') ? [] : (/^(\S.*) = /.exec(line)?.[1] ?? [])));
  };
  const device = ['ring.rx', 'ring.tx', 'rss', 'coalesce.adaptive-rx'];
  t.deepEqual(keysAfter(now.nics), [...device, 'irq %n-rx-tx-0', 'rx-0 rfs', 'tx-3 xps']);
  const fewer = now.nics.map((nic) => ({...nic, irqs: [], txQueues: nic.txQueues.slice(0, 2)}));
  t.deepEqual(keysAfter(fewer), [...device, 'rx-0 rfs']);
  const down = fewer.map((nic) => ({...nic, adminUp: false}));
  t.deepEqual(keysAfter(down), [...device, 'irq %n-rx-tx-0', 'rx-0 rfs', 'tx-3 xps']);
});

test('on an image, values of a NIC that this plan is not for stay', (t) => {
  const first = lastingChanges(probed([]), {settings: WANTED}, TEMPLATES).changes;
  const facts = {...probed(stepsOf(first)), nics: []};
  const settings = [pendingAtBoot('thp enabled', 'never')];
  const hold = textAt(lastingChanges(facts, {settings}, TEMPLATES).changes, '/etc/linerate/hold.conf') ?? '';
  t.regex(hold, /^thp enabled = never$/m);
  t.regex(hold, /^nic ens1f0 driver=ice pci=\S+ mac=\S+\n(?:.* = .*\n)*irq %n-rx-tx-0 = 1\n/m);
});

// Key and value pairs as plans have them; the order of files and keys must not matter.
const KEYS = [
  'net/core/somaxconn',
  'net/core/rmem_max',
  'net/ipv4/ip_forward',
  'net/ipv4/conf/eth0.5/rp_filter',
  'net/ipv4/conf/all/rp_filter',
  'net/ipv4/tcp_rmem',
];
const plan = fc.uniqueArray(
  fc.record({key: fc.constantFrom(...KEYS), value: fc.constantFrom('0', '1', '2', '4096 131072 33554432')}),
  {
    selector: ({key}) => key,
    minLength: 1,
  },
);
const rival = fc.record({
  name: fc.constantFrom('10-a.conf', '50-b.conf', '99-sysctl.conf', '99-zy.conf'),
  line: fc.constantFrom(
    'net.core.somaxconn=7',
    'net.ipv4.conf.*.rp_filter=7',
    '-net.core.rmem_max',
    'net.ipv4.ip_forward=7',
    'net.ipv4.tcp_rmem = 7 7 7',
  ),
});

test('what the real systemd-sysctl writes of the file are the wanted values, whatever other files say', (t) => {
  fc.assert(
    fc.property(plan, fc.array(rival, {maxLength: 4}), (wanted, rivals) => {
      const settings = wanted.map(({key, value}) => pendingAtBoot(`sysctl ${key}`, value));
      const text =
        textAt(lastingChanges(FACTS, {settings}, TEMPLATES).changes, '/etc/sysctl.d/99-zz-linerate.conf') ?? '';
      const script = `set -e
mount -t tmpfs none /mnt
printf %s ${shellQuote(text)} >/mnt/99-zz-linerate.conf
${rivals.map(({name, line}) => `echo ${shellQuote(line)} >>/mnt/${name}`).join('\n')}
mount --bind /mnt /etc/sysctl.d
mount -t tmpfs none /usr/lib/sysctl.d
mount -t tmpfs none /run
mount -t tmpfs none /proc/sys
for key in ${KEYS.join(' ')}; do mkdir -p /proc/sys/\${key%/*}; echo - >/proc/sys/$key; done
/lib/systemd/systemd-sysctl
grep -rm1 '' /proc/sys`;
      const run = spawnSync('unshare', ['-Urnm', 'sh', '-c', script], {encoding: 'utf8'});
      t.is(run.stderr, '');
      const written = Object.fromEntries(
        [...run.stdout.matchAll(/^\/proc\/sys\/(.*?):(.*)$/gm)].map(([, key = '', value = '']) => [key, value]),
      );
      for (const {key, value} of wanted) t.is(written[key], value, key);
    }),
    {numRuns: 30},
  );
});

test('udev starts the NIC’s unit for its address, and has sysctls set anew when their module appears', (t) => {
  const nic = {...exampleFacts().nics[0], name: 'lr0', driver: 'veth', permanentMac: '02:00:00:00:00:11'};
  const facts: Facts = {...FACTS, nics: FACTS.nics.map((one) => ({...one, ...nic}))};
  const settings = [
    pendingAtBoot('nic lr0 mtu', '3000'),
    pendingAtBoot('sysctl net/netfilter/nf_conntrack_max', '1048576'),
  ];
  const rules =
    textAt(lastingChanges(facts, {settings}, TEMPLATES).changes, '/etc/udev/rules.d/99-linerate.rules') ?? '';
  // Any module that is there stands for the one that the rule is about.
  const [there = ''] = readdirSync('/sys/module');
  const script = `set -e
mount -t sysfs none /sys
mount -t tmpfs none /run
mkdir -p /run/udev/rules.d
printf %s ${shellQuote(rules.replaceAll('=="nf_conntrack"', `=="${there}"`))} >/run/udev/rules.d/99-linerate.rules
ip link add lr0 address 02:00:00:00:00:11 type veth peer name lr1 address 02:00:00:00:00:12
for path in class/net/lr0 class/net/lr1 module/${there}; do
  udevadm test --action=add /sys/$path 2>&1 | grep -E "^(/run/udev|SYSTEMD_WANTS=|run: .*systemd-sysctl --prefix=/net/netfilter)" || :
done`;
  const run = spawnSync('unshare', ['-nm', 'sh', '-c', script], {encoding: 'utf8'});
  t.is(run.stderr, '', 'udevadm of Debian’s package udev says what it would do');
  t.is(
    run.stdout,
    `SYSTEMD_WANTS=linerate-nic@lr0.service\nrun: '/lib/systemd/systemd-sysctl --prefix=/net/netfilter'\n`,
  );
});
