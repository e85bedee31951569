import {DRIVERS} from './drivers.ts';
import type {HostSpec, NicSpec} from './spec.ts';
import {type Tree, addRun} from './tree.ts';

/** ethtool before 5.6 asks by ioctl: what a driver lacks is 0 there, `n/a` in the answers of later ones. */
type Style = 'ioctl' | 'netlink';

const cell = (style: Style, value: number | undefined): string => String(value ?? (style === 'ioctl' ? 0 : 'n/a'));

const UNSUPPORTED = 'netlink error: Operation not supported';

const rings = (style: Style, {name, rings: [rx, maxRx, tx, maxTx]}: NicSpec): string => {
  const half = (r: number, t: number): string[] => [
    `RX:\t\t${String(r)}`,
    `RX Mini:\t${cell(style, undefined)}`,
    `RX Jumbo:\t${cell(style, undefined)}`,
    `TX:\t\t${String(t)}`,
  ];
  const more =
    style === 'ioctl' ? [] : ['RX Buf Len:\t\tn/a', 'CQE Size:\t\tn/a', 'TX Push:\toff', 'TCP data split:\tn/a'];
  return [
    `Ring parameters for ${name}:`,
    'Pre-set maximums:',
    ...half(maxRx, maxTx),
    'Current hardware settings:',
    ...half(rx, tx),
    ...more,
  ].join('\n');
};

/** How many transmit queues there are beside so many receive queues. */
export const transmitQueues = (nic: NicSpec, queues: number): number =>
  DRIVERS[nic.driver]?.oneTransmit === true ? 1 : queues;

const channels = (style: Style, nic: NicSpec): string => {
  const separate = DRIVERS[nic.driver]?.channels === 'separate';
  const half = (queues: number): string[] => [
    `RX:\t\t${cell(style, separate ? queues : undefined)}`,
    `TX:\t\t${cell(style, separate ? transmitQueues(nic, queues) : undefined)}`,
    `Other:\t\t${cell(style, undefined)}`,
    `Combined:\t${cell(style, separate ? undefined : queues)}`,
  ];
  return [
    `Channel parameters for ${nic.name}:`,
    'Pre-set maximums:',
    ...half(nic.maxQueues),
    'Current hardware settings:',
    ...half(nic.queues),
  ].join('\n');
};

const COALESCE_BLOCKS = [
  ['stats-block-usecs', 'sample-interval', 'pkt-rate-low', 'pkt-rate-high'],
  ['rx-usecs', 'rx-frames', 'rx-usecs-irq', 'rx-frames-irq'],
  ['tx-usecs', 'tx-frames', 'tx-usecs-irq', 'tx-frames-irq'],
  ['rx-usecs-low', 'rx-frame-low', 'tx-usecs-low', 'tx-frame-low'],
  ['rx-usecs-high', 'rx-frame-high', 'tx-usecs-high', 'tx-frame-high'],
];

const coalesce = (style: Style, {name, coalesce: values}: NicSpec): string => {
  const flag = (key: string): string => {
    const value = values[key];
    return typeof value === 'boolean' ? (value ? 'on' : 'off') : style === 'ioctl' ? 'off' : 'n/a';
  };
  const number = (key: string): number | undefined => {
    const value = values[key.replace('-frame-', '-frames-')];
    return typeof value === 'number' ? value : undefined;
  };
  const blocks = COALESCE_BLOCKS.map((keys) => keys.map((key) => `${key}: ${cell(style, number(key))}`).join('\n'));
  const mode = style === 'ioctl' ? [] : ['CQE mode RX: n/a  TX: n/a\n'];
  return [
    `Coalesce parameters for ${name}:`,
    `Adaptive RX: ${flag('adaptive-rx')}  TX: ${flag('adaptive-tx')}`,
    [...blocks, ...mode].join('\n\n'),
  ].join('\n');
};

// In ethtool's order; those with a tab belong to the aggregate above them.
const FEATURES =
  'rx-checksumming|tx-checksumming|\ttx-checksum-ipv4|\ttx-checksum-ip-generic|\ttx-checksum-ipv6|\ttx-checksum-fcoe-crc|\ttx-checksum-sctp|scatter-gather|\ttx-scatter-gather|\ttx-scatter-gather-fraglist|tcp-segmentation-offload|\ttx-tcp-segmentation|\ttx-tcp-ecn-segmentation|\ttx-tcp-mangleid-segmentation|\ttx-tcp6-segmentation|generic-segmentation-offload|generic-receive-offload|large-receive-offload|rx-vlan-offload|tx-vlan-offload|ntuple-filters|receive-hashing|highdma|rx-vlan-filter|tx-udp-segmentation|tx-nocache-copy|loopback|rx-fcs|rx-all|hw-tc-offload|rx-gro-hw|rx-gro-list'.split(
    '|',
  );

const features = (nic: NicSpec): string => {
  const driver = DRIVERS[nic.driver];
  const line = (label: string): string => {
    const name = label.trim();
    const own = nic.features[name];
    if (own !== undefined) return `${label}: ${own ? 'on' : 'off'}`;
    if (driver?.on.includes(name)) return `${label}: on`;
    if (driver?.off.includes(name)) return `${label}: off`;
    return `${label}: ${driver?.fixedOn?.includes(name) === true || name === 'highdma' ? 'on' : 'off'} [fixed]`;
  };
  return [`Features for ${nic.name}:`, ...FEATURES.map(line)].join('\n');
};

const rss = (style: Style, nic: NicSpec): string => {
  const traits = DRIVERS[nic.driver]?.rss;
  const heading = `RX flow hash indirection table for ${nic.name} with ${String(nic.queues)} RX ring(s):`;
  if (traits === undefined) return `${heading}\nOperation not supported`;
  const [slots, keyBytes] = traits;
  const rows = Array.from({length: slots / 8}, (_, row) => {
    const cells = Array.from({length: 8}, (_, column) =>
      String((row * 8 + column) % (nic.rssQueues ?? nic.queues)).padStart(5),
    );
    return `${String(row * 8).padStart(5)}: ${cells.join(' ')}`;
  });
  const key = Array.from({length: keyBytes}, (_, byte) => ((byte * 37 + 109) % 256).toString(16).padStart(2, '0')).join(
    ':',
  );
  const functions =
    style === 'ioctl' ? [] : ['RSS hash function:', '    toeplitz: on', '    xor: off', '    crc32: off'];
  return [heading, ...rows, 'RSS hash key:', key, ...functions].join('\n');
};

const identity = (nic: NicSpec, kernel: string): string =>
  [
    `driver: ${nic.driver}`,
    `version: ${nic.version ?? kernel}`,
    `firmware-version: ${nic.firmware}`,
    'expansion-rom-version: ',
    `bus-info: ${nic.pci}`,
    'supports-statistics: yes',
    'supports-test: yes',
    'supports-eeprom-access: yes',
    'supports-register-dump: yes',
    `supports-priv-flags: ${DRIVERS[nic.driver]?.privateFlags === undefined ? 'no' : 'yes'}`,
  ].join('\n');

const privateFlags = (nic: NicSpec): string => {
  const flags = Object.entries(nic.privateFlags ?? DRIVERS[nic.driver]?.privateFlags ?? {});
  const width = Math.max(...flags.map(([name]) => name.length));
  return [
    `Private flags for ${nic.name}:`,
    ...flags.map(([name, on]) => `${name.padEnd(width)}: ${on ? 'on' : 'off'}`),
  ].join('\n');
};

const pause = (style: Style, {name}: NicSpec, [rx, tx]: readonly [boolean, boolean]): string => {
  const line = (label: string, on: boolean): string =>
    style === 'ioctl' ? `${label.padEnd(13)}\t${on ? 'on' : 'off'}` : `${label}\t\t${on ? 'on' : 'off'}`;
  return [
    `Pause parameters for ${name}:`,
    style === 'ioctl' ? 'Autonegotiate:\ton' : 'Autonegotiate:\ton',
    line('RX:', rx),
    line('TX:', tx),
  ].join('\n');
};

/** Everything that the probe asks ethtool about a NIC. */
export const addEthtool = (tree: Tree, host: HostSpec, nic: NicSpec): void => {
  const driver = DRIVERS[nic.driver];
  const style = host.system === 'rhel-7' ? 'ioctl' : 'netlink';
  const refusal = (what: string): string =>
    style === 'ioctl' ? `Cannot get device ${what}: Operation not supported` : UNSUPPORTED;
  const say = (verb: string, output: string, status = 0): void => {
    addRun(tree, `ethtool ${verb} ${nic.name}`, output, status);
  };
  const paused = nic.pause ?? driver?.pause;
  say('-i', identity(nic, host.kernel));
  say('-g', rings(style, nic));
  say('-c', coalesce(style, nic));
  if (driver?.channels === 'none') say('-l', refusal('channel parameters'), 1);
  else say('-l', channels(style, nic));
  say('-k', features(nic));
  say('-x', rss(style, nic));
  if (driver?.ntuple === true) say('-n', `${String(nic.queues)} RX rings available\nTotal 0 rules\n`);
  else
    say(
      '-n',
      'rxclass: Cannot get RX class rule count: Operation not supported\nRX classification rule retrieval failed',
      1,
    );
  if (paused) say('-a', pause(style, nic, paused));
  else say('-a', style === 'ioctl' ? refusal('pause settings') : UNSUPPORTED, style === 'ioctl' ? 76 : 1);
  if (driver?.privateFlags) say('--show-priv-flags', privateFlags(nic));
  else
    say('--show-priv-flags', style === 'ioctl' ? 'Cannot get private flags: Operation not supported' : UNSUPPORTED, 1);
  say('-P', `Permanent address: ${nic.mac}`);
};
