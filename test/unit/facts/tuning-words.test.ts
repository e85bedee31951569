import test from 'ava';
import {type TuningFile, services} from '../../../engine/facts/services.ts';
import {sysctls} from '../../../engine/facts/sysctls.ts';
import {probeInNamespace} from '../../support/namespace-probe.ts';
import {plantTree} from '../../support/text-tree.ts';

type Told = {files: readonly TuningFile[]; all: string};

const told = (tree: string, shell = 'sh'): Told => {
  const frames = probeInNamespace([services], {prepare: plantTree(tree), root: '/mnt', shell});
  return {
    files: services.parse(frames).files,
    all: JSON.stringify([...frames.files, ...frames.runs, ...frames.lists]),
  };
};

const linesOf = ({files}: Told, path: string): readonly string[] =>
  files
    .find((file) => file.path === path)
    ?.text.split('\n')
    .filter((line) => line !== '') ?? [];

/** A line of a script, and what of it may leave the host. */
const LINES: readonly (readonly [line: string, kept: string])[] = [
  ['curl -u admin:HUSH https://x/ && ethtool -G eth0 rx 4096 tx 4096 || echo HUSH', 'ethtool -G eth0 rx 4096 tx 4096'],
  ['PASSWORD=HUSH /usr/sbin/ethtool --offload "$DEV" gro off lro off HUSH', 'ethtool --offload "$DEV" gro off lro off'],
  ['ethtool -s eth0 wol s sopass HU:SH:00:00:00:00', 'ethtool -s eth0'],
  ['ethtool -X eth0 weight 6 2 hkey HU:SH', 'ethtool -X eth0 weight 6 2'],
  ['ethtool -K eth0 tso off; ethtool -K eth1 tso off # HUSH', 'ethtool -K eth0 tso off; ethtool -K eth1 tso off'],
  ['# ethtool -K eth0 gro HUSH', ''],
  [
    'sysctl -w net.core.rmem_max=16777216 net.ipv4.tcp_rmem="4096 87380 6291456" >/var/HUSH',
    'sysctl -w net.core.rmem_max=16777216 net.ipv4.tcp_rmem="4096 87380 6291456"',
  ],
  ['sysctl -w net.ipv4.tcp_congestion_control=bbr;export T=HUSH', 'sysctl -w net.ipv4.tcp_congestion_control=bbr'],
  ['echo HUSH >/root/x; echo 3f,ffffffff > /proc/irq/44/smp_affinity', 'echo 3f,ffffffff > /proc/irq/44/smp_affinity'],
  [
    'echo never | sudo tee /sys/kernel/mm/transparent_hugepage/enabled | mail HUSH',
    'echo never | sudo tee /sys/kernel/mm/transparent_hugepage/enabled',
  ],
  [
    'for q in /sys/class/net/$DEV/queues/rx-*/rps_cpus; do echo $MASK >$q; login HUSH; done',
    '/sys/class/net/$DEV/queues/rx-*/rps_cpus',
  ],
  ['ip link set dev eth0 up mtu 9000 alias HUSH', 'ip link set dev eth0 up mtu 9000'],
  ['ifconfig eth0 txqueuelen 10000 pass HUSH', 'ifconfig eth0 txqueuelen 10000'],
  ['mysql -pHUSH; tuned-adm profile network-latency', 'tuned-adm profile network-latency'],
  ['set_irq_affinity.sh local eth0 HUSH', 'set_irq_affinity.sh'],
  ['TOKEN=HUSH cpupower frequency-set -g performance HUSH', 'cpupower frequency-set -g performance'],
];

for (const shell of ['sh', 'busybox sh']) {
  test(`of a script's lines only the words that tune leave the host, by ${shell}`, (t) => {
    const found = told(`==> /etc/rc.local\n${LINES.map(([line]) => line).join('\n')}\n`, shell);
    const text = found.files.find(({path}) => path === '/etc/rc.local')?.text.split('\n') ?? [];
    t.notRegex(found.all, /HUSH|HU/);
    t.deepEqual(
      LINES.map(([line], index) => [line, (text[index] ?? '').trim()]),
      LINES.map(([line, kept]) => [line, kept]),
    );
  });
}

test('what a script is run for, and what a udev rule asks for, is told; a script that tunes nothing is not', (t) => {
  const found = told(`==> /etc/network/if-up.d/tune
if [ "$IFACE" = eth0 ]; then
  ethtool -K "$IFACE" gro off
fi
==> /etc/network/if-up.d/idle
[ "$IFACE" != lo ] || exit 0
echo HUSH >/etc/HUSH
==> /etc/udev/rules.d/60-net.rules
# KERNEL=="eth9", RUN+="/sbin/ethtool -K %k gro off"
ACTION=="add", SUBSYSTEM=="net", KERNEL=="ens*", ENV{TOKEN}="HUSH", ATTR{mtu}="9000", RUN+="/sbin/ethtool -G $name rx 4096"
KERNEL=="sda", ATTR{queue/scheduler}="none", ENV{PASS}="HUSH"
==> /etc/systemd/system/tune.service
[Service]
Environment=TOKEN=HUSH
ExecStart=/bin/sh -c "curl HUSH; /usr/sbin/ethtool -L ens1f0 combined 8"
`);
  t.notRegex(found.all, /HUSH/);
  t.deepEqual(
    found.files.map(({path}) => path),
    ['/etc/network/if-up.d/tune', '/etc/systemd/system/tune.service', '/etc/udev/rules.d/60-net.rules'],
  );
  t.deepEqual(linesOf(found, '/etc/network/if-up.d/tune'), ['[ "$IFACE" = eth0 ]', 'ethtool -K "$IFACE" gro off']);
  t.deepEqual(linesOf(found, '/etc/udev/rules.d/60-net.rules'), [
    'ACTION=="add"; SUBSYSTEM=="net"; KERNEL=="ens*"; ATTR{mtu}="9000"; ethtool -G $name rx 4096',
  ]);
  t.deepEqual(linesOf(found, '/etc/systemd/system/tune.service'), ['ethtool -L ens1f0 combined 8']);
});

test('interfaces(5): keys, commands, and the files that are really sourced', (t) => {
  const found = told(`==> /etc/network/interfaces
source /etc/network/interfaces.d/*.cfg
source-directory extra
source ../HUSH
auto eth0
iface eth0 inet static
    address 192.0.2.7/24
    wpa-psk HUSH
    ethernet-wol g HU:SH
    hardware-dma-ring-rx 1024
    pre-up curl HUSH; ethtool -K $IFACE gro off
    down ethtool -K $IFACE gro on
    up echo HUSH
==> /etc/network/interfaces.d/eth1.cfg
iface eth1 inet manual
  mtu 9000
==> /etc/network/interfaces.d/eth2.old
iface eth2 inet manual
  mtu 1
==> /etc/network/extra/eth3
iface eth3 inet manual
  offload-gro off
==> /etc/network/extra/eth3.bak
  mtu 2
`);
  t.notRegex(found.all.replace('source ../HUSH', ''), /HUSH|HU:/);
  t.deepEqual(
    found.files.map(({path}) => path),
    ['/etc/network/extra/eth3', '/etc/network/interfaces', '/etc/network/interfaces.d/eth1.cfg'],
  );
  t.deepEqual(
    linesOf(found, '/etc/network/interfaces')
      .slice(3)
      .map((line) => line.trim()),
    [
      'auto eth0',
      'iface eth0 inet static',
      'hardware-dma-ring-rx 1024',
      'pre-up ethtool -K $IFACE gro off',
      'down ethtool -K $IFACE gro on',
    ],
  );
});

test('ifcfg files: several commands, and no Wake-on-LAN key', (t) => {
  const found = told(`==> /etc/sysconfig/network-scripts/ifcfg-eth0
DEVICE=eth0
ETHTOOL_OPTS="speed 10000 autoneg off; -G \${DEVICE} rx 4096 tx 4096 ; -K eth0 gro off; -s eth0 wol s sopass HU:SH:00"
KEY1=HUSH
==> /etc/sysconfig/network-scripts/ifcfg-eth1
DEVICE="eth1"
ETHTOOL_OPTS="wol s sopass HU:SH:00"
`);
  t.notRegex(found.all, /HUSH|HU:|sopass/);
  t.deepEqual(linesOf(found, '/etc/sysconfig/network-scripts/ifcfg-eth0'), [
    'DEVICE=eth0',
    'ETHTOOL_OPTS="speed 10000 autoneg off; -G ${DEVICE} rx 4096 tx 4096 ; -K eth0 gro off; -s eth0',
  ]);
});

test('netplan: both ways to indent, quotes, and no network of a flow mapping', (t) => {
  const found = told(`==> /etc/netplan/50-cloud-init.yaml
network:
    ethernets:
        eth0:
            match:
                macaddress: "02:00:00:00:00:01"
            mtu: 9000
            set-name: eth0
    wifis:
        wlan0:
            access-points:
                HUSH:
                    password: HUSH
    version: 2
==> /etc/netplan/60-flow.yaml
network: {version: 2, wifis: {wlan0: {access-points: {x: {password: HUSH}}}}}
`);
  t.notRegex(found.all, /HUSH/);
  t.deepEqual(
    linesOf(found, '/etc/netplan/50-cloud-init.yaml').map((line) => line.trim()),
    [
      'network:',
      'ethernets:',
      'eth0:',
      'match:',
      'macaddress: "02:00:00:00:00:01"',
      'mtu: 9000',
      'set-name: eth0',
      'wifis:',
      'version: 2',
    ],
  );
});

test('keys that are secrets stay in sysctl.d', (t) => {
  const tree = `==> /etc/sysctl.d/10-keys.conf
net.ipv4.tcp_fastopen = 3
net.ipv4.tcp_fastopen_key = HUSH
net.ipv6.conf.all.stable_secret=HUSH
net.ipv6.conf.all.stable_secret =HUSH
  kernel.core_uses_pid=1
-net.core.rmem_max
vm/swappiness = 10 = y
`;
  const frames = probeInNamespace([sysctls], {prepare: plantTree(tree), root: '/mnt'});
  t.notRegex(JSON.stringify([...frames.files]), /HUSH/);
  t.deepEqual(
    sysctls.parse(frames).configured.map(({key, at}) => [key, at.replace(/^.*:/, '')]),
    [
      ['net/ipv4/tcp_fastopen', '1'],
      ['kernel/core_uses_pid', '5'],
      ['net/core/rmem_max', '6'],
      ['vm/swappiness', '7'],
    ],
  );
});
