import test from 'ava';
import {os} from '../../../engine/facts/os.ts';
import {type Services, services} from '../../../engine/facts/services.ts';
import {framesOf} from '../../support/host-frames.ts';
import {probeInNamespace} from '../../support/namespace-probe.ts';
import {plantTree, treeFixture} from '../../support/text-tree.ts';

const frames = probeInNamespace([os, services], {prepare: plantTree(treeFixture('services')), root: '/mnt'});
const found = services.parse(frames);

const linesOf = (services: Services, path: string): readonly string[] | undefined =>
  services.files
    .find((file) => file.path === path)
    ?.text.split('\n')
    .filter((line) => line !== '')
    .map((line) => line.trim());

test('which services run and which are started at boot, by what systemd leaves in /run and /etc', (t) => {
  t.deepEqual(found.services, [
    {name: 'irqbalance', active: true, enabled: true},
    {name: 'tuned', active: false, enabled: false},
    {name: 'networking', active: true, enabled: true},
    {name: 'ufw', active: false, enabled: true},
    {name: 'firewalld', active: false, enabled: false},
    {name: 'docker', active: true, enabled: false},
  ]);
});

test('the options of irqbalance and the profile of TuneD', (t) => {
  t.deepEqual(found.irqbalance, {
    bannedCpus: '2-7,10',
    arguments: '--banmod=ixgbe --deepestcache=2',
    at: '/etc/default/irqbalance',
  });
  t.is(found.tunedProfile, 'packets');
});

test("the profiles that TuneD's active one includes, and no others", (t) => {
  t.deepEqual(
    found.files.filter(({kind}) => kind === 'tuned').map(({path}) => path),
    [
      '/etc/tuned/packets/tuned.conf',
      '/usr/lib/tuned/network-throughput/tuned.conf',
      '/usr/lib/tuned/throughput-performance/tuned.conf',
    ],
  );
});

test('nothing that may be a secret leaves the host', (t) => {
  t.true(found.files.length > 15);
  t.notRegex(JSON.stringify([...frames.files, ...frames.runs]), /HUSH/);
});

const KINDS: Readonly<Record<string, readonly string[]>> = {
  link: ['/etc/systemd/network/10-ens1f0.link', '/etc/systemd/network/30-wg0.netdev'],
  netplan: ['/etc/netplan/01-netcfg.yaml'],
  ifupdown: ['/etc/network/if-up.d/tune', '/etc/network/interfaces'],
  'rc.local': ['/etc/rc.local'],
  networkmanager: [
    '/etc/NetworkManager/system-connections/Office Wifi.nmconnection',
    '/etc/NetworkManager/system-connections/ens1f1.nmconnection',
    '/etc/sysconfig/network-scripts/ifcfg-eth2',
  ],
  udev: ['/etc/udev/rules.d/60-net.rules'],
  unit: ['/etc/systemd/system/nic-tune.service'],
  tmpfiles: ['/etc/tmpfiles.d/thp.conf'],
  ufw: ['/etc/ufw/sysctl.conf'],
  cni: ['/etc/cni/net.d/10-calico.conflist'],
};

for (const [kind, paths] of Object.entries(KINDS)) {
  test(`files of the kind ${kind}`, (t) => {
    t.deepEqual(
      found.files.filter((file) => file.kind === kind).map(({path}) => path),
      paths,
    );
  });
}

test('of each file, the lines that set something, in their places', (t) => {
  t.deepEqual(linesOf(found, '/etc/systemd/network/10-ens1f0.link'), [
    '[Match]',
    'OriginalName=ens1f0',
    '[Link]',
    'MTUBytes=9000',
    'RxBufferSize=4096',
    'CombinedChannels=max',
    'RxCoalesceSec=8us',
    'UseAdaptiveRxCoalesce=no',
    'GenericReceiveOffload=yes',
    'TCPSegmentationOffload=no',
    'RxFlowControl=no',
  ]);
  t.deepEqual(linesOf(found, '/etc/network/interfaces'), [
    'auto lo eth0',
    'iface eth0 inet static',
    'mtu 9000',
    'post-up ethtool -G eth0 rx 4096',
    'hardware-dma-ring-rx 1024',
  ]);
  t.deepEqual(linesOf(found, '/etc/network/if-up.d/tune'), ['[ "$IFACE" = eth0 ]; ethtool -K "$IFACE" gro off']);
  t.deepEqual(linesOf(found, '/etc/rc.local'), [
    'sysctl -w net.core.somaxconn=1024',
    'echo f > /proc/irq/44/smp_affinity',
  ]);
  t.deepEqual(linesOf(found, '/etc/NetworkManager/system-connections/ens1f1.nmconnection'), [
    '[connection]',
    'id=ens1f1',
    'interface-name=ens1f1',
    '[ethtool]',
    'ring-rx=4096',
    'feature-gro=false',
  ]);
  t.true(linesOf(found, '/etc/netplan/01-netcfg.yaml')?.includes('mtu: 9000'));
  t.deepEqual(linesOf(found, '/etc/tmpfiles.d/thp.conf'), [
    'w /sys/kernel/mm/transparent_hugepage/enabled - - - - never',
  ]);
  t.true(linesOf(found, '/etc/cni/net.d/10-calico.conflist')?.includes('"net.core.somaxconn": "512"'));
  t.is(
    found.files.find(({path}) => path === '/etc/rc.local')?.text.split('\n')[2],
    'sysctl -w net.core.somaxconn=1024',
  );
});

test('a boot script or hook that cannot be run sets nothing; a unit or cron job needs no such mode', (t) => {
  const paths = ['/etc/rc.local', '/etc/network/if-up.d/tune', '/etc/cron.d/tune', '/etc/systemd/system/tune.service'];
  const tree = paths.map((file) => `==> ${file}\nExecStart=ethtool -G eth0 rx 4096\n`).join('');
  const told = (mode: string): readonly string[] => {
    const prepare = `${plantTree(tree)}\nchmod ${mode} ${paths.map((file) => `/mnt${file}`).join(' ')}`;
    return services.parse(probeInNamespace([services], {prepare, root: '/mnt'})).files.map(({path}) => path);
  };
  t.deepEqual(told('755'), paths.toSorted());
  t.deepEqual(told('644'), paths.slice(2).toSorted());
});

test('a file that only root may read says so, and a long one is cut at a line', (t) => {
  const long = `[Match]\n${'MTUBytes=9000\n'.repeat(1000)}`;
  const {files} = services.parse(
    framesOf({files: {'/etc/systemd/network/1.link': long}, refused: {'/etc/netplan/a.yaml': 'Permission denied'}}),
  );
  t.deepEqual(files[0], {path: '/etc/netplan/a.yaml', kind: 'netplan', text: '', unreadable: 'Permission denied'});
  t.true((files[1]?.text.length ?? 0) > 8000 && (files[1]?.text.length ?? 0) <= 8192);
  t.true(files[1]?.text.endsWith('\nMTUBytes=9000'));
});

test('without systemd, by the commands that run and the run levels', (t) => {
  const tree = `==> /proc/uptime
1.0 1.0
==> /proc/812/comm
irqbalance
==> /proc/900/comm
systemd-network
==> /proc/901/comm
dockerd
==> /etc/init.d/irqbalance
==> /etc/rc3.d/S20irqbalance -> ../init.d/irqbalance
==> /etc/systemd/system/multi-user.target.wants/ufw.service -> /lib/systemd/system/ufw.service
`;
  const bare = probeInNamespace([os, services], {prepare: plantTree(tree), root: '/mnt'});
  t.deepEqual(services.parse(bare).services, [
    {name: 'irqbalance', active: true, enabled: true},
    {name: 'systemd-networkd', active: true, enabled: false},
    {name: 'docker', active: true, enabled: false},
  ]);
});
