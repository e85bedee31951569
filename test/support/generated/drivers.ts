import type {NicSpec} from './spec.ts';

/** What a driver answers, beyond what the spec of one NIC says. Sources: drivers/net of the kernel; recorded hosts. */
export type Driver = {
  /** Names of all vectors for so many queues, in the order in which the driver requests them. */
  vectors(nic: NicSpec, virtioIndex: number): readonly string[];
  /** `combined`, `separate` (rx and tx counted apart) or `none` (-l is not supported). */
  channels: 'combined' | 'separate' | 'none';
  /** One transmit queue, however many there are to receive. */
  oneTransmit?: true;
  /** Slots of the RSS table and bytes of its key; absent where -x is not supported. */
  rss?: readonly [slots: number, keyBytes: number];
  ntuple: boolean;
  /** Features that are on and can be changed; off and can be changed. All others are off [fixed]. */
  on: readonly string[];
  off: readonly string[];
  /** Off or on without a choice. */
  fixedOn?: readonly string[];
  privateFlags?: Readonly<Record<string, boolean>>;
  pause?: readonly [rx: boolean, tx: boolean];
};

const words = (text: string): readonly string[] => text.split(' ');

const OFFLOADS = words(
  'rx-checksumming tx-checksumming tx-checksum-ip-generic scatter-gather tx-scatter-gather tcp-segmentation-offload tx-tcp-segmentation tx-tcp6-segmentation generic-segmentation-offload generic-receive-offload',
);
const HARDWARE = [...OFFLOADS, ...words('rx-vlan-offload tx-vlan-offload receive-hashing')];

const numbered = <T>(count: number, name: (queue: number) => T): T[] =>
  Array.from({length: count}, (_, queue) => name(queue));

const intel =
  (prefix: string) =>
  ({name, queues}: NicSpec): string[] =>
    numbered(queues, (queue) => `${prefix}${name}-TxRx-${String(queue)}`);

export const DRIVERS: Readonly<Record<string, Driver>> = {
  ena: {
    vectors: ({name, pci, queues}) => [
      `ena-mgmnt@pci:${pci}`,
      ...numbered(queues, (queue) => `${name}-Tx-Rx-${String(queue)}`),
    ],
    channels: 'combined',
    rss: [128, 40],
    ntuple: false,
    on: [...OFFLOADS, 'receive-hashing'],
    off: [],
  },
  ixgbe: {
    vectors: (nic) => [...intel('')(nic), nic.name],
    channels: 'combined',
    rss: [128, 40],
    ntuple: true,
    on: HARDWARE,
    off: words('large-receive-offload ntuple-filters hw-tc-offload'),
    privateFlags: {'legacy-rx': false, 'vf-ipsec': false},
    pause: [true, true],
  },
  i40e: {
    vectors: (nic) => [`i40e-${nic.pci}:misc`, ...intel('i40e-')(nic)],
    channels: 'combined',
    rss: [512, 52],
    ntuple: true,
    on: [...HARDWARE, 'ntuple-filters'],
    off: ['hw-tc-offload'],
    privateFlags: {
      MFP: false,
      'total-port-shutdown': false,
      LinkPolling: false,
      'flow-director-atr': true,
      'veb-stats': false,
      'hw-atr-eviction': false,
      'link-down-on-close': false,
      'legacy-rx': false,
      'disable-source-pruning': false,
      'disable-fw-lldp': false,
      'rs-fec': false,
      'base-r-fec': false,
      'vf-vlan-pruning': false,
      'vf-true-promisc-support': false,
    },
    pause: [true, true],
  },
  ice: {
    vectors: (nic) => [`ice-${nic.pci}:misc`, ...intel('ice-')(nic)],
    channels: 'combined',
    rss: [2048, 52],
    ntuple: true,
    on: HARDWARE,
    off: words('ntuple-filters hw-tc-offload large-receive-offload'),
    privateFlags: {
      'link-down-on-close': false,
      'fw-lldp-agent': false,
      'vf-true-promisc-support': false,
      'mdd-auto-reset-vf': false,
      'vf-vlan-pruning': false,
      'legacy-rx': false,
    },
    pause: [false, false],
  },
  igb: {
    vectors: (nic) => [nic.name, ...intel('')(nic)],
    channels: 'combined',
    rss: [128, 40],
    ntuple: true,
    on: HARDWARE,
    off: ['ntuple-filters'],
    privateFlags: {'legacy-rx': false},
    pause: [true, false],
  },
  igc: {
    vectors: (nic) => [nic.name, ...intel('')(nic)],
    channels: 'combined',
    rss: [128, 40],
    ntuple: true,
    on: HARDWARE,
    off: ['ntuple-filters'],
    privateFlags: {'legacy-rx': false},
    pause: [true, true],
  },
  tg3: {
    vectors: ({name, queues}) => [`${name}-tx-0`, ...numbered(queues, (queue) => `${name}-rx-${String(queue + 1)}`)],
    channels: 'separate',
    oneTransmit: true,
    rss: [128, 40],
    ntuple: false,
    on: HARDWARE,
    off: [],
    pause: [true, true],
  },
  gve: {
    // Notify blocks of all tx queues, then those of all rx queues.
    vectors: ({pci, queues}) => [
      `gve-mgmnt@pci:${pci}`,
      ...numbered(queues * 2, (block) => `gve-ntfy-blk${String(block)}@pci:${pci}`),
    ],
    channels: 'separate',
    ntuple: false,
    on: OFFLOADS,
    off: [],
  },
  r8169: {
    vectors: ({name}) => [name],
    channels: 'none',
    ntuple: false,
    on: words('rx-checksumming scatter-gather tx-scatter-gather generic-segmentation-offload generic-receive-offload'),
    off: words('tx-checksumming tcp-segmentation-offload'),
    pause: [true, true],
  },
  hv_netvsc: {
    // VMBus channels bring no interrupts of their own.
    vectors: () => [],
    channels: 'combined',
    rss: [128, 40],
    ntuple: false,
    on: [...OFFLOADS, 'large-receive-offload'],
    off: [],
  },
  mlx5_core: {
    vectors: ({pci, queues}) => [
      `mlx5_async0@pci:${pci}`,
      ...numbered(queues, (queue) => `mlx5_comp${String(queue)}@pci:${pci}`),
    ],
    channels: 'combined',
    rss: [256, 40],
    ntuple: true,
    on: HARDWARE,
    off: words('large-receive-offload ntuple-filters hw-tc-offload rx-all'),
    privateFlags: {
      rx_cqe_moder: true,
      tx_cqe_moder: false,
      rx_cqe_compress: false,
      rx_striding_rq: true,
      rx_no_csum_complete: false,
      xdp_tx_mpwqe: true,
      skb_tx_mpwqe: true,
      tx_port_ts: false,
    },
    pause: [true, true],
  },
  bnxt_en: {
    vectors: intel(''),
    channels: 'combined',
    rss: [128, 40],
    ntuple: true,
    on: HARDWARE,
    off: words('ntuple-filters rx-gro-hw large-receive-offload'),
    pause: [true, true],
  },
  virtio_net: {
    vectors: ({queues}, index) => [
      `virtio${String(index)}-config`,
      ...numbered(queues, (queue) => [
        `virtio${String(index)}-input.${String(queue)}`,
        `virtio${String(index)}-output.${String(queue)}`,
      ]).flat(),
    ],
    channels: 'combined',
    ntuple: false,
    on: words(
      'tx-checksumming tx-checksum-ip-generic scatter-gather tx-scatter-gather tcp-segmentation-offload tx-tcp-segmentation tx-tcp6-segmentation generic-segmentation-offload generic-receive-offload',
    ),
    off: [],
    fixedOn: ['rx-checksumming'],
  },
};
