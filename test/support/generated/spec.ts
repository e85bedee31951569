import * as v from 'valibot';

const text = v.string();
const whole = v.pipe(v.number(), v.integer());
const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const texts = v.record(text, text);

const node = v.strictObject({
  node: count,
  /** List format; empty for memory alone. */
  cpus: text,
  memoryGb: count,
});

const cpu = v.strictObject({
  model: text,
  flags: v.optional(text, 'fpu sse2 ht constant_tsc pdpe1gb avx2'),
  sockets: count,
  /** Cores of a socket. */
  cores: count,
  threads: count,
  /** `first-threads-first` as bare metal x86 counts, `siblings-adjacent` as POWER and most hypervisors do. */
  numbering: v.picklist(['first-threads-first', 'siblings-adjacent']),
  /** Cores that share a last-level cache; all of a socket when left out. */
  coresPerCache: v.optional(count),
  /** NUMA nodes of a socket, when `nodes` does not tell them one by one. */
  nodesPerSocket: v.optional(count, 1),
  nodes: v.optional(v.array(node)),
  /** Efficiency cores (one thread each) that come after the others. */
  efficiencyCores: v.optional(count, 0),
  offline: v.optional(text, ''),
  isolated: v.optional(text, ''),
  nohzFull: v.optional(text, ''),
  /** Highest possible CPU number + 1, where the firmware leaves room for more. */
  possible: v.optional(count),
  smt: v.optional(text),
});

const nic = v.strictObject({
  name: text,
  driver: text,
  version: v.optional(text),
  firmware: v.optional(text, ''),
  /** PCI address; that of Hyper-V's VMBus is empty. */
  pci: text,
  /** `vendor:device`, and the subsystem's when it matters. */
  id: text,
  subsystem: v.optional(text, '0000:0000'),
  mac: text,
  numaNode: whole,
  speed: v.optional(whole),
  up: v.optional(v.boolean(), true),
  mtu: v.optional(count, 1500),
  /** Queue pairs in use and possible. */
  queues: count,
  maxQueues: count,
  /** How many queues the RSS table leads to, where the NIC's reach is less than its queues. */
  rssQueues: v.optional(count),
  /** rx, its maximum, tx, its maximum. */
  rings: v.tuple([count, count, count, count]),
  coalesce: v.optional(v.record(text, v.union([whole, v.boolean()])), {}),
  /** By ethtool's long names, over the driver's own. */
  features: v.optional(v.record(text, v.boolean()), {}),
  privateFlags: v.optional(v.record(text, v.boolean())),
  pause: v.optional(v.tuple([v.boolean(), v.boolean()])),
  /** Where its vectors may run: on every CPU (as left by the kernel), all on one, or one CPU each. */
  vectors: v.picklist(['everywhere', 'first-cpu', 'spread']),
  rps: v.optional(text, ''),
  xps: v.optional(v.picklist(['none', 'spread']), 'none'),
  qdisc: v.optional(text, 'mq fq_codel'),
  addresses: v.optional(v.array(text), []),
  vfs: v.optional(v.tuple([count, count])),
  /** Current and maximum width and speed of the PCIe link. */
  link: v.optional(v.tuple([text, text, text, text])),
});

const stacked = v.strictObject({
  name: text,
  kind: v.picklist(['bond', 'vlan', 'bridge', 'veth', 'vrf']),
  lower: v.optional(v.array(text), []),
  mac: text,
  mtu: v.optional(count, 1500),
  mode: v.optional(text, 'active-backup 1'),
  vlan: v.optional(count),
  addresses: v.optional(v.array(text), []),
});

const bound = v.strictObject({
  pci: text,
  id: text,
  driver: text,
  numaNode: whole,
});

/** One generated host, as a `host.json` tells it: what a person would say of the machine, not what its files hold. */
const schema = v.strictObject({
  /** What the host is an example of. */
  about: text,
  system: v.picklist(['debian-12', 'rhel-7', 'rhel-9', 'ubuntu-24.04', 'amazon-2023']),
  kernel: text,
  architecture: v.optional(text, 'x86_64'),
  commandLine: v.optional(text, 'root=/dev/sda1 ro quiet'),
  /** The words of DMI: sys_vendor, product_name. */
  machine: v.optional(v.tuple([text, text])),
  virtualisation: v.optional(text, 'none'),
  container: v.optional(text),
  user: v.optional(v.tuple([whole, text]), [0, 'root']),
  cpu,
  memoryGb: count,
  hugepages: v.optional(v.record(text, count), {}),
  governor: v.optional(text),
  nics: v.array(nic),
  stacked: v.optional(v.array(stacked), []),
  /** Network functions that a user-space driver holds. */
  bound: v.optional(v.array(bound), []),
  /** Gateway, and the interface behind which it is. */
  defaultRoute: v.optional(v.tuple([text, text])),
  /** Client and server address of the session that reads the host. */
  ssh: v.optional(v.tuple([text, text])),
  modules: v.optional(v.array(text), []),
  /** Slash-form keys over the kernel's defaults. */
  sysctls: v.optional(texts, {}),
  files: v.optional(texts, {}),
  /** Units that run and are enabled. */
  services: v.optional(v.array(text), []),
  /** Paths that this user may not read. */
  refused: v.optional(v.array(text), []),
  /** What NICs' counters gained between the two samples: `eth0 rx_missed_errors`. */
  growth: v.optional(v.record(text, count), {}),
  workload: v.optional(text),
});

export type HostSpec = v.InferOutput<typeof schema>;
export type NicSpec = HostSpec['nics'][number];
export type StackedSpec = HostSpec['stacked'][number];
export type CpuSpec = HostSpec['cpu'];

/** The spec of a `host.json`; throws with the path of what is wrong. */
export const hostSpec = (json: unknown): HostSpec => {
  const result = v.safeParse(schema, json);
  if (result.success) return result.output;
  throw new Error(result.issues.map((issue) => `${v.getDotPath(issue) ?? ''}: ${issue.message}`).join('; '));
};
