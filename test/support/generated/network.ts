import type {HostSpec, NicSpec, StackedSpec} from './spec.ts';
import {type Tree, addFiles, addLink, addRun} from './tree.ts';

type Interface = {
  name: string;
  index: number;
  mac: string;
  mtu: number;
  up: boolean;
  qdisc: string;
  addresses: readonly string[];
  /** `bond0.120@bond0`. */
  over?: string;
  detail?: string;
};

const LOOPBACK: Interface = {
  name: 'lo',
  index: 1,
  mac: '00:00:00:00:00:00',
  mtu: 65536,
  up: true,
  qdisc: 'noqueue',
  addresses: ['127.0.0.1/8'],
  detail: '',
};

const detailOf = (stacked: StackedSpec): string => {
  if (stacked.kind === 'vlan') return `    vlan protocol 802.1Q id ${String(stacked.vlan ?? 1)} <REORDER_HDR> `;
  if (stacked.kind === 'bond') return `    bond mode ${stacked.mode.split(' ')[0] ?? ''} miimon 100 `;
  if (stacked.kind === 'vrf') return '    vrf table 100 ';
  if (stacked.kind === 'bridge') return '    bridge forward_delay 1500 hello_time 200 ';
  return '    veth ';
};

const interfacesOf = (host: HostSpec): readonly Interface[] => [
  LOOPBACK,
  ...host.nics.map((nic: NicSpec, index) => ({...nic, index: index + 2})),
  ...host.stacked.map((stacked, index) => ({
    ...stacked,
    index: host.nics.length + index + 2,
    up: true,
    qdisc: 'noqueue',
    detail: detailOf(stacked),
    ...(stacked.kind === 'vlan' ? {over: stacked.lower[0] ?? ''} : stacked.kind === 'veth' ? {over: 'if9'} : {}),
  })),
];

const linkText = (link: Interface): string => {
  const loopback = link.name === 'lo';
  const flags = `${loopback ? 'LOOPBACK' : 'BROADCAST,MULTICAST'}${link.up ? ',UP,LOWER_UP' : ''}`;
  const shown = link.over === undefined ? link.name : `${link.name}@${link.over}`;
  const state = link.up ? (loopback ? 'UNKNOWN' : 'UP') : 'DOWN';
  return [
    `${String(link.index)}: ${shown}: <${flags}> mtu ${String(link.mtu)} qdisc ${link.qdisc.split(' ')[0] ?? ''} state ${state} mode DEFAULT group default qlen 1000`,
    `    link/${loopback ? 'loopback' : 'ether'} ${link.mac} brd ${loopback ? '00:00:00:00:00:00' : 'ff:ff:ff:ff:ff:ff'} promiscuity 0 minmtu 68 maxmtu 9702 `,
    ...(link.detail === undefined || link.detail === '' ? [] : [link.detail]),
  ].join('\n');
};

const qdiscText = (host: HostSpec, link: Interface): string => {
  const [root = '', leaf] = link.qdisc.split(' ');
  const queues = host.nics.find(({name}) => name === link.name)?.queues ?? 0;
  const leaves =
    leaf === undefined
      ? []
      : Array.from(
          {length: queues},
          (_, queue) => `qdisc ${leaf} 0: dev ${link.name} parent :${(queue + 1).toString(16)}`,
        );
  return [`qdisc ${root} 0: dev ${link.name} root`, ...leaves].join('\n');
};

const addressText = (link: Interface): string[] =>
  link.addresses.map((address) => {
    const family = address.includes(':') ? 'inet6' : 'inet';
    const scope = link.name === 'lo' ? 'host' : 'global';
    return `${String(link.index)}: ${link.name}    ${family} ${address} scope ${scope} ${link.name}\\       valid_lft forever preferred_lft forever`;
  });

// Enough for the ranges that the fixtures use: whole octets.
const networkOf = (address: string): string => {
  const [host = '', prefix = '24'] = address.split('/');
  const kept = host.split('.').slice(0, Number(prefix) / 8);
  return `${[...kept, ...Array.from({length: 4 - kept.length}, () => '0')].join('.')}/${prefix}`;
};

const routesText = (host: HostSpec, links: readonly Interface[]): string => {
  const connected = links
    .filter(({name}) => name !== 'lo')
    .flatMap((link) =>
      link.addresses
        .filter((address) => !address.includes(':'))
        .map(
          (address) =>
            `${networkOf(address)} dev ${link.name} proto kernel scope link src ${address.split('/')[0] ?? ''} `,
        ),
    );
  const [via, name] = host.defaultRoute ?? [];
  return [
    ...(via === undefined || name === undefined ? [] : [`default via ${via} dev ${name} proto static `]),
    ...connected,
  ].join('\n');
};

const resolved = (tree: Tree, path: string): string => (tree.links.get(path) ?? '').replace(/^(?:\.\.\/)+/, '/');

const addStacked = (tree: Tree, stacked: StackedSpec, indexOf: (name: string) => number): void => {
  const directory = `/sys/devices/virtual/net/${stacked.name}`;
  const index = indexOf(stacked.name);
  const isBond = stacked.kind === 'bond';
  addFiles(tree, directory, {
    address: stacked.mac,
    mtu: stacked.mtu,
    flags: isBond ? '0x1403' : '0x1003',
    operstate: 'up',
    carrier: 1,
    speed: stacked.kind === 'veth' ? 10_000 : -1,
    type: 1,
    ifindex: index,
    iflink: stacked.kind === 'vlan' ? indexOf(stacked.lower[0] ?? '') : stacked.kind === 'veth' ? 9 : index,
    tx_queue_len: 1000,
    uevent: `${stacked.kind === 'veth' ? '' : `DEVTYPE=${stacked.kind}\n`}INTERFACE=${stacked.name}\nIFINDEX=${String(index)}`,
  });
  addLink(tree, `/sys/class/net/${stacked.name}`, directory);
  addFiles(tree, `${directory}/queues/rx-0`, {rps_cpus: '0', rps_flow_cnt: 0});
  if (isBond)
    addFiles(tree, `${directory}/bonding`, {
      mode: stacked.mode,
      slaves: stacked.lower.join(' '),
      active_slave: stacked.lower[0] ?? '',
    });
  for (const lower of stacked.lower) {
    const real = resolved(tree, `/sys/class/net/${lower}`);
    addLink(tree, `${directory}/lower_${lower}`, real);
    addLink(tree, `${real}/upper_${stacked.name}`, directory);
    if (isBond) addFiles(tree, `${real}/bonding_slave`, {mii_status: 'up'});
  }
};

/** Virtual interfaces, and what `ip` and `tc` say of all of them. Call it after the NICs. */
export const addNetwork = (tree: Tree, host: HostSpec): void => {
  const links = interfacesOf(host);
  addFiles(tree, '/sys/devices/virtual/net/lo', {
    address: LOOPBACK.mac,
    mtu: LOOPBACK.mtu,
    flags: '0x9',
    operstate: 'unknown',
    carrier: 1,
    type: 772,
    ifindex: 1,
    iflink: 1,
    tx_queue_len: 1000,
    uevent: 'INTERFACE=lo\nIFINDEX=1',
  });
  addLink(tree, '/sys/class/net/lo', '/sys/devices/virtual/net/lo');
  for (const stacked of host.stacked) {
    addStacked(tree, stacked, (name) => links.find((link) => link.name === name)?.index ?? 0);
  }
  addRun(tree, 'ip link', links.map(linkText).join('\n'));
  addRun(tree, 'tc qdisc', links.map((link) => qdiscText(host, link)).join('\n'));
  addRun(tree, 'ip addr', links.flatMap(addressText).join('\n'));
  addRun(tree, 'ip -4 route', routesText(host, links));
  addRun(tree, 'ip -6 route', '');
};
