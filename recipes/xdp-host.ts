import {
  count,
  defineRecipe,
  described,
  installed,
  interfaces,
  known,
  mounted,
  plainName,
  v,
  type Desired,
  type Nic,
  type RecipeHost,
  type Wish,
} from '../engine/plan/recipe/api.ts';

const parameters = v.strictObject({
  nics: described(
    v.pipe(v.array(v.string('must be names'), 'must be a list of names'), v.minLength(1, 'must name a NIC')),
    'interfaces that programs are attached to',
  ),
  frags: described(
    v.optional(v.boolean('must be true or false'), false),
    'the programs take frames of several buffers (section xdp.frags), so that the MTU does not matter',
  ),
  mtu: described(v.optional(count), 'of these NICs, where theirs is more than their driver takes with XDP'),
  busyPoll: described(
    v.optional(v.boolean('must be true or false'), false),
    'AF_XDP sockets poll (SO_PREFER_BUSY_POLL): interrupts stay off while they do',
  ),
  workload: described(
    v.optional(v.picklist(['forwarding', 'throughput', 'latency', 'kernel-bypass']), 'forwarding'),
    'what the host is tuned for besides',
  ),
  packages: described(v.optional(v.array(plainName), []), 'to install first: xdp-tools, bpftool …'),
});

type Host = RecipeHost<v.InferOutput<typeof parameters>>;

/** The largest MTU at which a driver takes a program without xdp.frags, in bytes; others tell when it is attached. */
const MOST: Readonly<Record<string, {mtu: number; source: string}>> = {
  ena: {mtu: 3498, source: 'kernel drivers/net/ethernet/amazon/ena/ena_xdp.h, ENA_XDP_MAX_MTU'},
  ice: {
    mtu: 3046,
    source: 'kernel Documentation/networking/device_drivers/ethernet/intel/ice.rst, XDP (frames of 3 KB)',
  },
  bnxt_en: {
    mtu: 3502,
    source: 'kernel drivers/net/ethernet/broadcom/bnxt, “MTU … larger than 3502 without XDP frag support” of 6.6',
  },
  virtio_net: {mtu: 3502, source: 'kernel drivers/net/virtio_net.c, virtnet_xdp_set'},
};

const mtu = ({parameters: {frags, mtu: given}}: Host, {name, driver}: Nic): readonly Wish[] => {
  const most = MOST[driver];
  const address = `nic ${name} mtu`;
  if (given !== undefined) return [{set: address, to: String(given), why: 'the recipe’s parameters ask for it'}];
  if (frags || most === undefined) return [];
  return [
    {
      set: address,
      noMoreThan: String(most.mtu),
      why: `${driver} refuses a program without xdp.frags at a larger MTU`,
      source: most.source,
    },
  ];
};

// Merged frames are more than one buffer, and drivers refuse XDP while they merge, or stop merging without a word.
const MERGING = ['large-receive-offload', 'rx-gro-hw'];

const offloads = ({name, features}: Nic): readonly Wish[] => {
  const there = known(features) ?? {};
  return MERGING.filter((feature) => there[feature] !== undefined && !(there[feature].fixed && !there[feature].on)).map(
    (feature) => ({
      set: `nic ${name} feature.${feature}`,
      to: 'off',
      why: 'XDP sees frames as they came, and drivers refuse it while the NIC merges them',
      source:
        'kernel Documentation/networking/netdev-features.rst; Documentation/networking/device_drivers/ethernet/microsoft/netvsc.rst, XDP',
    }),
  );
};

/** ENA keeps a transmit queue for XDP beside each of its queues. */
const channels = ({name, driver, channels: all}: Nic): readonly Wish[] => {
  const most = known(all)?.max.combined;
  if (driver !== 'ena' || most === undefined || most < 2) return [];
  return [
    {
      set: `nic ${name} channels.combined`,
      noMoreThan: String(Math.floor(most / 2)),
      why: 'ENA refuses XDP while more than half of its queues are in use: the other half sends what XDP sends',
      source:
        'kernel drivers/net/ethernet/amazon/ena/ena_xdp.h, ena_xdp_legal_queue_count; github.com/amzn/amzn-drivers/issues/240',
    },
  ];
};

const polling = ({parameters: {busyPoll}}: Host, {name}: Nic): readonly Wish[] => {
  const source = 'kernel Documentation/networking/af_xdp.rst, SO_PREFER_BUSY_POLL; Documentation/networking/napi.rst';
  const why = 'an AF_XDP socket that polls is not interrupted; a timer looks after queues that nobody polls';
  return busyPoll
    ? [
        {set: `nic ${name} napi_defer_hard_irqs`, to: '2', why, source},
        {set: `nic ${name} gro_flush_timeout`, to: '200000', why, source},
      ]
    : [];
};

const ofNic = (host: Host, nic: Nic): readonly Wish[] => [
  ...mtu(host, nic),
  ...offloads(nic),
  ...channels(nic),
  ...polling(host, nic),
];

const ofHost: readonly Desired[] = [
  mounted('/sys/fs/bpf', 'bpf', {
    why: 'pinned programs and maps outlive who loaded them',
    source: 'ip-link(8), xdp pinned',
  }),
  {
    set: 'sysctl net.core.bpf_jit_enable',
    to: '1',
    why: 'programs run as machine code',
    source: 'kernel Documentation/admin-guide/sysctl/net.rst, bpf_jit_enable',
  },
  {
    set: 'limit memlock',
    to: 'unlimited',
    why: 'AF_XDP pins its packet memory, and kernels before 5.11 count maps as locked memory too',
    source: 'kernel Documentation/networking/af_xdp.rst',
  },
];

/** A host for XDP and AF_XDP: NICs that take programs in their driver, BPF's file system, JIT and memory. */
export const recipe = defineRecipe({
  summary:
    'A host for XDP and AF_XDP: NICs that take programs in their driver, BPF’s file system, its JIT and its memory.',
  parameters,
  phases: [
    {
      name: 'packages',
      desired: ({parameters: {packages}}) =>
        packages.map((name) => installed(name, {why: 'asked for by the recipe’s parameters'})),
    },
    {
      name: 'devices',
      desired: (host) => [
        ...ofHost,
        ...interfaces(host.facts, host.parameters.nics).flatMap((nic) => ofNic(host, nic)),
      ],
    },
    {name: 'tuning', desired: ({parameters: {workload}}) => [{tuning: {workload}}]},
  ],
});
