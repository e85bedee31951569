import {spawnSync} from 'node:child_process';
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import test from 'ava';
import type {Services} from '../../../../engine/facts/services.ts';
import {ethtoolSettings} from '../../../../engine/resources/nic-boot/tool-words.ts';
import {nic} from '../../../../engine/resources/nic.ts';
import {bootLines, hostWithFiles} from '../../../support/nic-boot.ts';

const check = (
  title: string,
  tree: string,
  expected: Readonly<Record<string, string>>,
  states?: Services['services'],
): void => {
  test(title, (t) => {
    t.deepEqual(bootLines(hostWithFiles(tree, states), Object.keys(expected)), expected);
  });
};

const INTERFACES = `==> /etc/network/interfaces
# The loopback network interface
auto lo
iface lo inet loopback
source /etc/network/interfaces.d/*

auto eth0
iface eth0 inet static
    address 192.0.2.10/24
    mtu 9000
    hardware-dma-ring-rx 4096
    hardware-irq-coalesce-adaptive-rx off
    ethernet-pause-rx on
    offload-gro off
    pre-up /sbin/ethtool -L $IFACE combined 8
    post-up ethtool -C eth0 rx-usecs 16 || true
    up ip link set dev $IFACE txqueuelen 10000
    up echo 200000 > /sys/class/net/$IFACE/gro_flush_timeout
    down ethtool -K $IFACE gso off
    up ethtool -G $OTHER tx 512; ethtool -G eth1 rx $SIZE

iface eth2 inet manual
    mtu 1400
==> /etc/network/interfaces.d/eth1
allow-hotplug eth1
iface eth1 inet dhcp
  ethtool-dma-ring-rx 1024
  ethtool-coalesce-rx-usecs 20
  ethtool-offload-tso off
  gso-offload off
  ring-tx 256
`;

const STANZAS = {
  'eth0 mtu': '9000 /etc/network/interfaces:9',
  'eth0 ring.rx': '4096 /etc/network/interfaces:10',
  'eth0 coalesce.adaptive-rx': 'off /etc/network/interfaces:11',
  'eth0 pause.rx': 'on /etc/network/interfaces:12',
  'eth0 feature.generic-receive-offload': 'off /etc/network/interfaces:13',
  'eth0 channels.combined': '8 /etc/network/interfaces:14',
  'eth0 coalesce.rx-usecs': '16 /etc/network/interfaces:15',
  'eth0 txqueuelen': '10000 /etc/network/interfaces:16',
  'eth0 gro_flush_timeout': '200000 /etc/network/interfaces:17',
  'eth0 feature.generic-segmentation-offload': '-',
  'eth1 ring.rx': '1024 /etc/network/interfaces.d/eth1:3',
  'eth1 coalesce.rx-usecs': '20 /etc/network/interfaces.d/eth1:4',
  'eth1 feature.tcp-segmentation-offload': 'off /etc/network/interfaces.d/eth1:5',
  'eth1 feature.generic-segmentation-offload': 'off /etc/network/interfaces.d/eth1:6',
  'eth1 ring.tx': '256 /etc/network/interfaces.d/eth1:7',
};

check(
  'interfaces(5): options of ifupdown, ifupdown-ng and ifupdown2, commands, and sourced files',
  INTERFACES,
  STANZAS,
);

check('interfaces(5) counts where ifupdown is started', INTERFACES, {'eth0 mtu': STANZAS['eth0 mtu']}, [
  {name: 'networking', active: false, enabled: true},
]);

check('a file that no program reads any more sets nothing', INTERFACES, {'eth0 mtu': '-', 'eth0 ring.rx': '-'}, [
  {name: 'networking', active: false, enabled: false},
]);

check(
  'an interface that nobody brings up at boot gets nothing',
  INTERFACES.replace('auto eth0', '').replace('allow-hotplug eth1', 'allow-foo eth1'),
  {'eth0 mtu': '-', 'eth1 ring.rx': '-'},
);

// Debian's own hook is the oracle: run for an interface with these options, it calls ethtool.
const HOOK = '/etc/network/if-up.d/ethtool';

const OPTIONS: Readonly<Record<string, string>> = {
  'hardware-dma-ring-rx': '1024',
  'hardware-dma-ring-rx-jumbo': '64',
  'hardware-irq-coalesce-adaptive-tx': 'on',
  'hardware-irq-coalesce-rx-frames-irq': '12',
  'ethernet-pause-autoneg': 'off',
  'ethernet-pause-tx': 'on',
  'offload-gso': 'off',
  'offload-rx-udp-tunnel-port-offload': 'off',
};

const hookCalls = (): readonly string[] => {
  const folder = mkdtempSync(path.join(tmpdir(), 'linerate-hook-'));
  try {
    const fake = path.join(folder, 'ethtool');
    writeFileSync(fake, '#!/bin/sh\necho "$@"\n', {mode: 0o755});
    const script = readFileSync(HOOK, 'utf8').replace(/^ETHTOOL=.*$/m, `ETHTOOL=${fake}`);
    const env: Record<string, string> = {PATH: '/usr/bin:/bin', IFACE: 'eth0'};
    for (const [name, value] of Object.entries(OPTIONS)) env[`IF_${name.toUpperCase().replaceAll('-', '_')}`] = value;
    const run = spawnSync('sh', ['-c', script], {encoding: 'utf8', env});
    return run.stdout.trim().split('\n');
  } finally {
    rmSync(folder, {recursive: true});
  }
};

test('each option of interfaces(5) sets what Debian’s hook of ethtool sets for it', (t) => {
  const stanza = Object.entries(OPTIONS).map(([name, value]) => `  ${name} ${value}`);
  const facts = hostWithFiles(`==> /etc/network/interfaces\nauto eth0\niface eth0 inet manual\n${stanza.join('\n')}\n`);
  const called = hookCalls().flatMap(ethtoolSettings);
  t.is(called.length, Object.keys(OPTIONS).length);
  for (const {attribute, value} of called) t.deepEqual(nic.boot(facts, `eth0 ${attribute}`).held, {value}, attribute);
});
