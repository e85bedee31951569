import type {VectorRole} from './nic.ts';

/** What a vector does; `queue` is absent when it is `other`. */
export type Vector = {role: VectorRole; queue?: number};

/** What a name alone does not tell. */
export type VectorContext = {
  /** Names of all vectors of the same device: some drivers number on from one kind of queue to the next. */
  names: readonly string[];
  /**
   * How many queues are in use. Drivers that request vectors for the device, not for the queues, keep those of queues
   * that are switched off; undefined where unknown.
   */
  queues?: {rx: number; tx: number};
};

type Offset = (context: VectorContext) => number;

type Scheme = {
  drivers: readonly string[];
  name: RegExp;
  role: VectorRole;
  /** Taken from the number in the name to get the queue; 0 when left out. */
  offset?: Offset;
  /** The device's vectors outlive its queues. */
  device?: true;
};

const one: Offset = () => 1;

const named =
  (pattern: RegExp): Offset =>
  ({names}) =>
    names.filter((name) => pattern.test(name)).length;

// The first half of the notify blocks is for tx queues, in use or not (gve_rx_idx_to_ntfy of gve.h).
const half =
  (pattern: RegExp): Offset =>
  ({names}) =>
    Math.floor(named(pattern)({names}) / 2);

const INTEL = ['ixgbe', 'ixgbevf', 'igb', 'igbvf', 'igc', 'i40e', 'ice', 'iavf', 'fm10k', 'e1000e'];

const SOLARFLARE = ['sfc', 'sfc_ef100', 'sfc-siena', 'sfc-falcon'];

const GVE_BLOCK = /-ntfy-(?:block\.|blk)(\d+)(?:@|$)/;

/**
 * How each driver names its vectors. The part before the queue's word is not looked at: it is the interface's name when
 * the vector was requested, which a rename leaves behind. Only the device's own vectors are ever asked about.
 * Sources: the drivers' request_irq calls in the kernel's drivers/net.
 */
const SCHEMES: readonly Scheme[] = [
  {drivers: ['ena'], name: /-Tx-Rx-(\d+)$/, role: 'rx-tx'},
  {drivers: INTEL, name: /-TxRx-(\d+)$/i, role: 'rx-tx'},
  {drivers: INTEL, name: /-rx-(\d+)$/, role: 'rx'},
  {drivers: INTEL, name: /-tx-(\d+)$/, role: 'tx'},
  {drivers: ['mlx5_core'], name: /^mlx5_comp(\d+)(?:@|$)/, role: 'rx-tx', device: true},
  // EQ 0 is the asynchronous one: completion vectors count from 1 (mlx4.h, MLX4_EQ_ASYNC).
  {drivers: ['mlx4_core', 'mlx4_en'], name: /^mlx4-(\d+)@/, role: 'rx-tx', offset: one, device: true},
  {drivers: ['bnxt_en'], name: /-TxRx-(\d+)$/, role: 'rx-tx'},
  {drivers: ['bnxt_en'], name: /-rx-(\d+)$/, role: 'rx'},
  // bnxt_setup_msix names unpaired tx vectors by their place after all rx vectors.
  {drivers: ['bnxt_en'], name: /-tx-(\d+)$/, role: 'tx', offset: named(/-rx-\d+$/)},
  {drivers: ['virtio_net'], name: /^virtio\d+-input\.(\d+)$/, role: 'rx'},
  {drivers: ['virtio_net'], name: /^virtio\d+-output\.(\d+)$/, role: 'tx'},
  // Too few vectors: one for all queues, which stands for the first.
  {drivers: ['virtio_net'], name: /^virtio\d+-virtqueues()$/, role: 'rx-tx'},
  // vmxnet3_request_irqs names by vector: rx vectors come after however many there are for tx.
  {drivers: ['vmxnet3'], name: /-rxtx-(\d+)$/, role: 'rx-tx'},
  {drivers: ['vmxnet3'], name: /-tx-(\d+)$/, role: 'tx'},
  {drivers: ['vmxnet3'], name: /-rx-(\d+)$/, role: 'rx', offset: named(/-tx-\d+$/)},
  {drivers: ['gve'], name: GVE_BLOCK, role: 'rx', offset: half(GVE_BLOCK), device: true},
  {drivers: ['gve'], name: GVE_BLOCK, role: 'tx', device: true},
  {drivers: ['mana'], name: /^mana_q(\d+)(?:@|$)/, role: 'rx-tx', device: true},
  {drivers: SOLARFLARE, name: /-rx-(\d+)$/, role: 'rx'},
  {drivers: SOLARFLARE, name: /-tx-(\d+)$/, role: 'tx'},
  {drivers: SOLARFLARE, name: /(?<!-xdp)-(\d+)$/, role: 'rx-tx'},
  {drivers: ['nfp', 'nfp_netvf'], name: /-rxtx-(\d+)$/, role: 'rx-tx'},
  // tg3 keeps vector 0 for the link, and for tx where tx has but one queue (tg3_mem_tx_acquire).
  {drivers: ['tg3'], name: /-tx-(0)$/, role: 'tx'},
  {drivers: ['tg3'], name: /-txrx-(\d+)$/, role: 'rx-tx', offset: one},
  {drivers: ['tg3'], name: /-rx-(\d+)$/, role: 'rx', offset: one},
  {drivers: ['tg3'], name: /-tx-(\d+)$/, role: 'tx', offset: one},
  {drivers: ['vif'], name: /-q(\d+)-rx$/, role: 'rx'},
  {drivers: ['vif'], name: /-q(\d+)-tx$/, role: 'tx'},
  {drivers: ['bnx2'], name: /-(\d+)$/, role: 'rx-tx'},
];

const WITH_ONE_VECTOR = new Set('e1000 e1000e igb igc ixgbe r8169 8139cp tg3 bnx2 vmxnet3 virtio_net vif'.split(' '));

const inUse = (role: VectorRole, {queues}: VectorContext): number => {
  if (queues === undefined) return Number.POSITIVE_INFINITY;
  return role === 'rx' ? queues.rx : role === 'tx' ? queues.tx : Math.max(queues.rx, queues.tx);
};

const matching = (scheme: Scheme, irqName: string, context: VectorContext): Vector | undefined => {
  const number = scheme.name.exec(irqName)?.[1];
  if (number === undefined) return undefined;
  const queue = Number(number) - (scheme.offset?.(context) ?? 0);
  if (queue < 0) return undefined;
  if (scheme.device && queue >= inUse(scheme.role, context)) return {role: 'other'};
  return {role: scheme.role, queue};
};

/**
 * What the vector that the kernel lists as `irqName` does for the driver's NIC. Unknown names are `other`: they are left
 * where they are. hv_netvsc has no vectors of its own.
 */
export const vectorOf = (driver: string, irqName: string, context: VectorContext): Vector => {
  for (const scheme of SCHEMES) {
    const vector = scheme.drivers.includes(driver) ? matching(scheme, irqName, context) : undefined;
    if (vector) return vector;
  }
  // A single vector (MSI, INTx) bears the interface's bare name and does everything.
  const alone = context.names.length === 1 && !irqName.includes('@');
  return alone && WITH_ONE_VECTOR.has(driver) ? {role: 'rx-tx', queue: 0} : {role: 'other'};
};
