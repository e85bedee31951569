import test from 'ava';
import type {Facts} from '../../../../engine/facts/facts.ts';
import type {Setting} from '../../../../engine/model/setting.ts';
import {lastingChanges, type LastingChanges} from '../../../../engine/plan/lasting/lasting-changes.ts';
import {exampleFacts, exampleNic} from '../../../support/facts.ts';
import {TEMPLATES, textAt} from '../../../support/lasting.ts';

const wanted = (id: string, want: string, given: Partial<Setting> = {}): Setting => ({
  id,
  live: {value: ''},
  boot: {held: 'default'},
  want,
  pending: ['live', 'boot'],
  why: `${id} is wanted`,
  source: 'a test',
  from: {layer: 'workload', at: 'a test'},
  effect: 'live',
  undo: 'exact',
  ...given,
});

const lasting = (settings: readonly Setting[], facts: Facts = exampleFacts()): LastingChanges =>
  lastingChanges(facts, {settings}, TEMPLATES);

/** Lines that are neither empty nor comments. */
const linesAt = (made: LastingChanges, path: string): readonly string[] =>
  (textAt(made.changes, path) ?? '').split('\n').filter((line) => line !== '' && !line.startsWith('#'));

const SYSCTLS = '/etc/sysctl.d/99-zz-linerate.conf';
const HOLD = '/etc/linerate/hold.conf';

test('what holds at boot already, by itself or by others, is written nowhere', (t) => {
  const held = {pending: [], boot: {held: {value: '1'}, by: '/etc/sysctl.d/50-own.conf:1'}};
  t.deepEqual(lasting([wanted('sysctl net/ipv4/tcp_sack', '1', held)]), {changes: [], blocks: [], findings: []});
});

test('sysctls: what resets others goes first, and interface names keep their dots', (t) => {
  const made = lasting([
    wanted('sysctl net/core/somaxconn', '65535'),
    wanted('sysctl net/ipv4/conf/eth0.5/rp_filter', '2'),
    wanted('sysctl net/ipv4/ip_forward', '1'),
    wanted('sysctl fs/file-max', '2097152'),
    wanted('sysctl fs/nr_open', '1048576'),
  ]);
  t.deepEqual(linesAt(made, SYSCTLS), [
    'fs.nr_open = 1048576',
    'net.ipv4.ip_forward = 1',
    'fs.file-max = 2097152',
    'net.core.somaxconn = 65535',
    'net.ipv4.conf.eth0/5.rp_filter = 2',
  ]);
});

test('each line of sysctl.d has its reason above it, and a reason cannot become a line', (t) => {
  const evil = wanted('sysctl net/core/somaxconn', '1', {why: 'a\nkernel.panic = 1', limit: 'asked for\u001B[1m 2'});
  t.regex(
    textAt(lasting([evil]).changes, SYSCTLS) ?? '',
    /^# a \| kernel\.panic = 1 \(asked for\\x1b\[1m 2\) \[a test\]\nnet\.core\.somaxconn = 1$/m,
  );
});

test('a NIC’s values stand in the order in which a driver takes them', (t) => {
  const ids = [
    'queue ens1f0 rx-0 rps',
    'irq ens1f0 rx-tx-0',
    'nic ens1f0 coalesce.rx-usecs',
    'rss ens1f0',
    'nic ens1f0 ring.rx',
    'nic ens1f0 channels.combined',
    'nic ens1f0 feature.ntuple-filters',
    'nic ens1f0 mtu',
    'nic ens1f0 private.link-down-on-close',
  ];
  const made = lasting(ids.map((id) => wanted(id, id.startsWith('rss') ? 'equal 4' : '1')));
  t.deepEqual(
    linesAt(made, HOLD)
      .slice(2)
      .map((line) => line.split(' = ')[0]),
    [
      'private.link-down-on-close',
      'mtu',
      'feature.ntuple-filters',
      'channels.combined',
      'ring.rx',
      'rss',
      'coalesce.rx-usecs',
      'irq %n-rx-tx-0',
      'rx-0 rps',
    ],
  );
  t.is(linesAt(made, HOLD)[1], 'nic ens1f0 driver=ice pci=0000:3b:00.0 mac=02:00:00:00:00:01');
});

test('a value that a later file or program sets otherwise is refused, and named', (t) => {
  const by = (at: string, held = '7'): Partial<Setting> => ({boot: {held: {value: held}, by: at}});
  const facts = exampleFacts();
  const files: Facts['services']['files'] = [
    {path: '/etc/ufw/sysctl.conf', kind: 'ufw', text: ''},
    {path: '/etc/NetworkManager/system-connections/a', kind: 'networkmanager', text: ''},
    {path: '/etc/systemd/network/10-a.network', kind: 'link', text: ''},
    {path: '/etc/systemd/network/10-a.link', kind: 'link', text: ''},
    {path: '/etc/udev/rules.d/10-a.rules', kind: 'udev', text: ''},
  ];
  const host = {...facts, services: {services: [], files}};
  const made = lasting(
    [
      wanted('sysctl net/core/somaxconn', '1', by('/etc/sysctl.d/zz.conf:3')),
      wanted('sysctl net/core/rmem_max', '1', by('/etc/sysctl.d/99-sysctl.conf:3')),
      wanted('sysctl net/core/wmem_max', '1', by('/boot/grub/grub.cfg')),
      wanted('sysctl net/ipv4/tcp_sack', '1', by('/etc/ufw/sysctl.conf')),
      wanted('nic ens1f0 mtu', '9000', by('/etc/systemd/network/10-a.network:5')),
      wanted('nic ens1f0 ring.rx', '4096', by('/etc/NetworkManager/system-connections/a')),
      wanted('nic ens1f0 ring.tx', '4096', by('/etc/systemd/network/10-a.link:7')),
      wanted('nic ens1f0 txqueuelen', '2000', by('/etc/udev/rules.d/10-a.rules:7')),
      wanted('thp enabled', 'never', by('TuneD, /usr/lib/tuned/a/tuned.conf')),
      wanted('limit nofile', '1000000', by('/etc/systemd/system.conf.d/zzz.conf:2')),
      wanted('module ice x', '1', by('/etc/modprobe.d/zzz.conf:2')),
      wanted('module ice y', '1', by('/boot/grub/grub.cfg')),
    ],
    host,
  );
  t.deepEqual(
    made.blocks.map(({id}) => id),
    [
      'sysctl net/core/somaxconn',
      'sysctl net/ipv4/tcp_sack',
      'nic ens1f0 mtu',
      'nic ens1f0 ring.rx',
      'thp enabled',
      'limit nofile',
      'module ice y',
    ],
  );
  t.is(made.blocks[0]?.reason, '/etc/sysctl.d/zz.conf:3 sets it after linerate’s own file and wins');
});

test('limits: a soft limit of descriptors stays as the administrator gave it', (t) => {
  const settings = [wanted('limit nofile', '1048576'), wanted('limit memlock', '65536')];
  const system = '/etc/systemd/system.conf.d/zz-linerate.conf';
  t.deepEqual(linesAt(lasting(settings), system), [
    '[Manager]',
    'DefaultLimitMEMLOCK=65536K',
    'DefaultLimitNOFILE=1024:1048576',
  ]);
  t.deepEqual(linesAt(lasting(settings), '/etc/security/limits.d/99-zz-linerate.conf'), [
    '* - memlock 65536',
    'root - memlock 65536',
    '* hard nofile 1048576',
    'root hard nofile 1048576',
  ]);
  const facts = exampleFacts();
  const configured = [
    {at: '/etc/systemd/system.conf:9', domain: 'systemd', item: 'LimitNOFILE', kind: 'soft', value: '4096'},
  ] as const;
  const made = lasting(settings, {...facts, limits: {...facts.limits, configured}});
  t.is(linesAt(made, system)[2], 'DefaultLimitNOFILE=4096:1048576');
});

test('without systemd, what its units would set is refused; files that others read are written', (t) => {
  const facts = exampleFacts();
  const made = lasting(
    [wanted('sysctl net/core/somaxconn', '1'), wanted('thp enabled', 'never'), wanted('limit nofile', '9')],
    {
      ...facts,
      os: {...facts.os, init: 'other'},
    },
  );
  t.deepEqual(
    made.changes.map(({id}) => id),
    [`file ${SYSCTLS}`, 'file /etc/security/limits.d/99-zz-linerate.conf'],
  );
  t.deepEqual(
    made.blocks.map(({reason}) => reason),
    ['this host does not boot with systemd, whose units would set the value again'],
  );
});

test('what nothing could set again, and what is not there yet, is refused', (t) => {
  const made = lasting([
    wanted('mount /data', 'ext4'),
    wanted('irq ens1f0 rx-tx-9', '1', {live: 'absent'}),
    wanted('nic ens1f0 private.$(reboot)', 'on'),
  ]);
  t.deepEqual(made.changes, []);
  t.deepEqual(
    made.blocks.map(({hint}) => hint),
    ['it holds until the next reboot', 'apply once more when it is there', 'it holds until the next reboot'],
  );
});

test('hosts where nothing tells of links that come up are told so when interrupts are pinned', (t) => {
  const pinned = [wanted('irq ens1f0 rx-tx-0', '1')];
  t.deepEqual(
    lasting(pinned).findings.map(({code}) => code),
    ['link-up-unseen'],
  );
  const networkd = {services: [{name: 'systemd-networkd', active: true, enabled: true}], files: []};
  const made = lasting(pinned, {...exampleFacts(), services: networkd});
  t.deepEqual(made.findings, []);
  t.true(made.changes.some(({id}) => id === 'file /etc/systemd/system/linerate-up.path'));
});

test('a mount unit of somebody else’s stays', (t) => {
  const facts = exampleFacts();
  const path = '/etc/systemd/system/dev-huge.mount';
  const mounts = [{path, what: 'tmpfs', where: '/dev/huge', type: 'tmpfs', options: ''}];
  const made = lasting([wanted('mount /dev/huge', 'hugetlbfs')], {
    ...facts,
    services: {...facts.services, own: {texts: {}, enabled: [], mounts}},
  });
  t.deepEqual(made.changes, []);
  t.deepEqual(
    made.blocks.map(({reason}) => reason),
    ['/etc/systemd/system/dev-huge.mount is there already and mounts tmpfs'],
  );
});

test('vectors are known again whatever the interface, the virtio device or the PCI function is called', (t) => {
  const keys = (nic: Parameters<typeof exampleNic>[0], name: string): string | undefined => {
    const one = exampleNic({...nic, queues: 1});
    const irqs = one.irqs.map((irq) => (irq.queue === 0 ? {...irq, name} : irq));
    const facts = exampleFacts({nics: [{...one, irqs}]});
    return linesAt(lasting([wanted(`irq ${one.name} rx-tx-0`, '1')], facts), HOLD).at(-1);
  };
  t.is(keys({name: 'eth1'}, 'i40e-eth1-TxRx-0'), 'irq i40e-%n-TxRx-0 = 1');
  t.is(keys({name: 'eth1'}, 'i40e-eth10-TxRx-0'), 'irq i40e-eth10-TxRx-0 = 1');
  t.is(keys({name: 'eth1'}, 'mlx5_comp0@pci:0000:3b:00.0'), 'irq mlx5_comp0@pci:%p = 1');
  t.is(keys({name: 'eth1', devicePath: '/sys/devices/x/virtio3'}, 'virtio3-input.0'), 'irq %v-input.0 = 1');
});
