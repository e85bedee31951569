import test from 'ava';
import {nics} from '../../../../engine/facts/nic-facts.ts';
import type {Nic} from '../../../../engine/facts/nic.ts';
import {type Answers, framesOf} from '../../../support/host-frames.ts';

type Port = {
  driver: string;
  device: string;
  irqs: Readonly<Record<number, string>>;
  files?: Readonly<Record<string, string>>;
};

/** A host's answers with these interfaces, each with a PCI function of its own or a shared one. */
const host = (ports: Readonly<Record<string, Port>>, more: Answers = {}): Answers => {
  const files: Record<string, string> = {...more.files};
  const links: Record<string, string> = {};
  const lists: Record<string, readonly string[]> = {'/sys/class/net': Object.keys(ports), ...more.lists};
  for (const [index, [name, port]] of Object.entries(ports).entries()) {
    const path = `/sys/class/net/${name}`;
    files[`${path}/ifindex`] = String(index + 2);
    for (const [file, text] of Object.entries(port.files ?? {})) files[`${path}/${file}`] = text;
    links[`${path}/device`] = `/sys/devices/pci0000:00/${port.device}`;
    links[`${path}/device/driver`] = `/sys/bus/pci/drivers/${port.driver}`;
    lists[`${path}/device/msi_irqs`] = Object.keys(port.irqs);
    for (const [irq, action] of Object.entries(port.irqs)) {
      files[`/sys/kernel/irq/${irq}/actions`] = action;
      files[`/proc/irq/${irq}/smp_affinity_list`] = '0-3';
    }
  }
  return {...more, files, links: {...links, ...more.links}, lists};
};

const read = (answers: Answers): ReadonlyMap<string, Nic> =>
  new Map(nics.parse(framesOf(answers)).map((nic) => [nic.name, nic]));

const served = (nic: Nic | undefined): readonly string[] =>
  (nic?.irqs ?? []).map(
    ({irq, role, queue}) => `${String(irq)} ${role}${queue === undefined ? '' : ` ${String(queue)}`}`,
  );

test('two ports of one function: names that bear a port are its own, the others go with the first', (t) => {
  const irqs = {40: 'nfp-0000:01:00.0-lsc', 41: 'enp1s0np0-rxtx-0', 42: 'enp1s0np1-rxtx-0', 43: 'enp1s0np1-rxtx-1'};
  const port = {driver: 'nfp', device: '0000:01:00.0', irqs};
  const found = read(
    host({
      enp1s0np1: {...port, files: {dev_port: '1'}},
      enp1s0np0: {...port, files: {dev_port: '0'}},
    }),
  );
  t.deepEqual(served(found.get('enp1s0np0')), ['40 other', '41 rx-tx 0']);
  t.deepEqual(served(found.get('enp1s0np1')), ['42 rx-tx 0', '43 rx-tx 1']);
});

test('a representor has no vectors, and is no NIC', (t) => {
  const port = {driver: 'mlx5_core', device: '0000:3b:00.0', irqs: {70: 'mlx5_comp0@pci:0000:3b:00.0'}};
  const found = read(
    host({
      eth0_rep: {...port, files: {phys_port_name: 'pf0vf3'}},
      uplink: {...port, files: {phys_port_name: 'p0'}},
    }),
  );
  t.is(found.get('eth0_rep')?.kind, 'other');
  t.deepEqual(served(found.get('eth0_rep')), []);
  t.is(found.get('uplink')?.kind, 'physical');
  t.deepEqual(served(found.get('uplink')), ['70 rx-tx 0']);
});

test('mlx5 keeps vectors of channels that are switched off: those serve nothing', (t) => {
  const irqs = {80: 'mlx5_async0@pci:x', 81: 'mlx5_comp0@pci:x', 82: 'mlx5_comp1@pci:x', 83: 'mlx5_comp2@pci:x'};
  const channels = 'Pre-set maximums:\nCombined:\t3\nCurrent hardware settings:\nCombined:\t2';
  const answers = host(
    {ens1: {driver: 'mlx5_core', device: '0000:3b:00.0', irqs}},
    {runs: {'ethtool -l ens1': channels}},
  );
  t.deepEqual(served(read(answers).get('ens1')), ['80 other', '81 rx-tx 0', '82 rx-tx 1', '83 other']);
});

test("before /sys/kernel/irq: names are those of the handlers' directories, or of /proc/interrupts", (t) => {
  const answers = host({eth0: {driver: 'igb', device: '0000:02:00.0', irqs: {30: '', 31: '', 32: ''}}});
  const files = Object.fromEntries(Object.entries(answers.files ?? {}).filter(([path]) => !path.endsWith('/actions')));
  files['/proc/interrupts'] =
    '           CPU0\n 30:   1   PCI-MSI-edge   eth0\n 31:   7   PCI-MSI-edge   eth0-TxRx-0\n';
  const lists = {
    ...answers.lists,
    '/proc/irq/30': ['affinity_hint', 'eth0', 'smp_affinity_list'],
    '/proc/irq/31': ['affinity_hint', 'smp_affinity_list'],
    '/proc/irq/32': ['affinity_hint', 'smp_affinity_list'],
  };
  const nic = read({...answers, files, lists}).get('eth0');
  t.deepEqual(
    nic?.irqs.map(({irq, name}) => `${String(irq)} ${name}`),
    ['30 eth0', '31 eth0-TxRx-0'],
  );
  t.deepEqual(served(nic), ['30 other', '31 rx-tx 0']);
});

test('vectors that stand nowhere below the device are found by their names', (t) => {
  const files = {
    '/sys/kernel/irq/7/actions': 'vif1-q0-tx',
    '/sys/kernel/irq/8/actions': 'vif0-q0-tx',
    '/sys/kernel/irq/9/actions': 'vif0-q0-rx',
    '/sys/kernel/irq/10/actions': 'virtio1',
    '/sys/kernel/irq/11/actions': 'virtio11',
  };
  const links = {
    '/sys/class/net/eth0/device': '/sys/devices/vif-0',
    '/sys/class/net/eth0/device/driver': '/sys/bus/xen/drivers/vif',
    '/sys/class/net/eth1/device': '/sys/devices/platform/soc/1000.virtio_mmio/virtio1',
    '/sys/class/net/eth1/device/driver': '/sys/bus/virtio/drivers/virtio_net',
  };
  const lists = {'/sys/class/net': ['eth0', 'eth1']};
  const indexes = {'/sys/class/net/eth0/ifindex': '2', '/sys/class/net/eth1/ifindex': '3'};
  const found = read({files: {...files, ...indexes}, links, lists});
  t.is(found.get('eth0')?.kind, 'paravirtual');
  t.deepEqual(served(found.get('eth0')), ['8 tx 0', '9 rx 0']);
  t.deepEqual(served(found.get('eth1')), ['10 rx-tx 0']);
  t.false('pci' in (found.get('eth1') ?? {}));
});

test('affinity: hints, managed vectors, what the kernel refuses', (t) => {
  const answers = host(
    {ens5: {driver: 'ena', device: '0000:00:05.0', irqs: {31: 'ens5-Tx-Rx-0', 32: 'ens5-Tx-Rx-1'}}},
    {
      refused: {'/proc/irq/32/effective_affinity_list': 'Permission denied'},
      files: {
        '/proc/irq/31/effective_affinity_list': '2',
        '/proc/irq/31/affinity_hint': '00000000,0000000f',
        '/proc/irq/32/affinity_hint': '00000000,00000000',
        '/sys/kernel/debug/irq/irqs/32': 'handler:  handle_edge_irq\n            IRQD_AFFINITY_MANAGED',
      },
    },
  );
  const [first, second] = read(answers).get('ens5')?.irqs ?? [];
  t.like(first, {affinity: [0, 1, 2, 3], effective: [2], hint: [0, 1, 2, 3], managed: false});
  t.like(second, {effective: {unknown: 'Permission denied'}, managed: true});
  t.false('hint' in (second ?? {}));
});

test('one tx queue: XPS is said to have no effect', (t) => {
  const one = {driver: 'e1000e', device: '0000:00:19.0', irqs: {}};
  const path = '/sys/class/net/eno1/queues';
  const files = {[`${path}/rx-0/rps_cpus`]: '00', [`${path}/tx-0/xps_rxqs`]: '0'};
  const nic = read(host({eno1: one}, {files, absent: [`${path}/tx-0/xps_cpus`]})).get('eno1');
  t.deepEqual(nic?.txQueues, [{index: 0, xps: {unknown: 'one tx queue: XPS has no effect'}, xpsRxqs: '0'}]);
});

const LINKS = `1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN mode DEFAULT group default qlen 1000
    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00 promiscuity 0 minmtu 0 maxmtu 0 addrgenmode eui64
2: ens1: <BROADCAST,MULTICAST,SLAVE,UP,LOWER_UP> mtu 9000 xdp qdisc mq master bond0 state UP mode DEFAULT group default qlen 1000
    link/ether b4:96:91:00:00:01 brd ff:ff:ff:ff:ff:ff promiscuity 0 minmtu 68 maxmtu 9702
    bond_slave state ACTIVE mii_status UP link_failure_count 0 perm_hwaddr b4:96:91:00:00:01 queue_id 0 addrgenmode eui64
    prog/xdp id 27 name xdp_lb tag 3b185187f1855c4c jited load_time 12 created_by_uid 0
    altname enp59s0f0
3: bond0: <BROADCAST,MULTICAST,MASTER,UP,LOWER_UP> mtu 9000 qdisc noqueue state UP mode DEFAULT group default qlen 1000
    link/ether b4:96:91:00:00:01 brd ff:ff:ff:ff:ff:ff promiscuity 0 minmtu 68 maxmtu 65535
    bond mode 802.3ad miimon 100 updelay 0 addrgenmode eui64
4: bond0.1384@bond0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 9000 qdisc noqueue master vrf7 state UP mode DEFAULT
    link/ether b4:96:91:00:00:01 brd ff:ff:ff:ff:ff:ff promiscuity 0 minmtu 0 maxmtu 65535
    vlan protocol 802.1Q id 1384 <REORDER_HDR>
    vrf_slave table 77 addrgenmode eui64
5: vrf7: <NOARP,MASTER,UP,LOWER_UP> mtu 65575 qdisc noqueue state UP mode DEFAULT group default qlen 1000
    link/ether 0a:00:00:00:00:07 brd ff:ff:ff:ff:ff:ff promiscuity 0 minmtu 1280 maxmtu 65575
    vrf table 77 addrgenmode eui64
6: old0: <BROADCAST,UP> mtu 1500 xdpgeneric/id:5 qdisc fq state UP
    link/ether 0a:00:00:00:00:08 brd ff:ff:ff:ff:ff:ff`;

const QDISCS = `qdisc mq 8001: dev ens1 root
qdisc fq 0: dev ens1 parent 8001:2
qdisc fq 0: dev ens1 parent 8001:1
qdisc clsact ffff: dev ens1 parent ffff:fff1
qdisc noqueue 0: dev lo root`;

test('without /sys, ip still tells what there is', (t) => {
  const found = read({absent: ['/sys/class/net'], runs: {'ip link': LINKS, 'tc qdisc': QDISCS}});
  t.deepEqual([...found.keys()], ['lo', 'ens1', 'bond0', 'bond0.1384', 'vrf7', 'old0']);
  t.like(found.get('ens1'), {mtu: 9000, maxMtu: 9702, mac: 'b4:96:91:00:00:01', adminUp: true, qdisc: 'mq fq'});
  t.deepEqual(found.get('ens1')?.xdp, {mode: 'xdp', program: 'id 27 name xdp_lb tag 3b185187f1855c4c'});
  t.deepEqual(found.get('old0')?.xdp, {mode: 'xdpgeneric', program: 'id 5'});
  t.like(found.get('bond0.1384'), {kind: 'vlan', vlanId: 1384, qdisc: 'noqueue'});
  t.like(found.get('vrf7'), {kind: 'vrf', vrfTable: 77});
  t.is(found.get('bond0')?.kind, 'bond');
  t.deepEqual(found.get('ens1')?.rings, {unknown: 'not asked: the host shows no /sys'});
});

test('speeds that nobody measured are absent', (t) => {
  const port = {driver: 'igb', device: '0000:02:00.0', irqs: {}};
  for (const speed of ['-1', '4294967295', '0', 'x']) {
    t.false('speedMbps' in (read(host({e: {...port, files: {speed}}})).get('e') ?? {}), speed);
  }
  t.is(read(host({e: {...port, files: {speed: '100000'}}})).get('e')?.speedMbps, 100_000);
});

test('interfaces with a device beyond the limit say why they were not asked', (t) => {
  const port = {driver: 'iavf', device: '0000:02:00.0', irqs: {}};
  const many = Object.fromEntries(Array.from({length: 65}, (_, index) => [`v${String(index)}`, port]));
  const found = read(host(many));
  t.deepEqual(found.get('v64')?.rings, {unknown: 'not asked: more than 64 interfaces with a device'});
});
