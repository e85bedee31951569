import {splitId} from '../resources/lookup.ts';
import {splitAttribute} from '../resources/nic-attributes.ts';

export type Description = {
  /** What a reader groups by: `socket buffers`, `rings`, `IRQ affinity`. */
  topic: string;
  /** The NIC; the empty text for the host. */
  subject: string;
  /** The setting's name within subject and topic: `net.core.rmem_max`, `ring rx`. */
  label: string;
};

// The first pattern that matches a sysctl key (slash form) gives its topic.
const SYSCTL_TOPICS: readonly (readonly [RegExp, string])[] = [
  [
    /^net\/(?:core\/(?:[rw]mem|optmem)|ipv4\/(?:tcp_[rw]?mem|udp_[rw]?mem|tcp_moderate|tcp_limit_output))/,
    'socket buffers',
  ],
  [
    /^net\/core\/(?:netdev_|dev_weight|somaxconn|flow_limit)|tcp_max_syn_backlog|tcp_syncookies|tcp_abort_on_overflow/,
    'backlogs',
  ],
  [/^net\/core\/(?:rps|busy)/, 'packet steering'],
  [/conntrack|^net\/netfilter|^net\/bridge/, 'connection tracking'],
  [/default_qdisc|congestion/, 'queueing and congestion control'],
  [/(?:tw_|fin_timeout|keepalive|local_port|orphan|retries)/, 'connection lifetime'],
  [/forward|rp_filter|redirects|neigh|route|proxy_arp|early_demux|accept_ra/, 'routing'],
  [/^net\//, 'TCP/IP'],
  [/^vm\//, 'memory'],
  [/^fs\//, 'files'],
  [/^kernel\//, 'kernel'],
];

const NIC_TOPICS: Readonly<Record<string, string>> = {
  ring: 'rings',
  channels: 'channels',
  coalesce: 'interrupt moderation',
  feature: 'offloads',
  private: 'private flags',
  pause: 'pause frames',
  mtu: 'link',
  txqueuelen: 'link',
  napi_defer_hard_irqs: 'polling',
  gro_flush_timeout: 'polling',
  threaded: 'polling',
  bql: 'byte queue limits',
};

const QUEUE_TOPICS: Readonly<Record<string, string>> = {rps: 'RPS', rfs: 'RFS', xps: 'XPS'};

const nicDescription = (subject: string, attribute: string): Description => {
  const {family, name} = splitAttribute(attribute);
  const topic = NIC_TOPICS[family] ?? family;
  const word = ['ring', 'channels', 'pause'].includes(family) ? `${family} ${name}` : name === '' ? family : name;
  return {topic, subject, label: family === 'bql' ? `bql ${name}` : word};
};

const queueDescription = (subject: string, queue: string, attribute: string): Description => ({
  topic: QUEUE_TOPICS[attribute] ?? 'byte queue limits',
  subject,
  label: `${queue} ${attribute}`,
});

/** `1048576kB` as people say it. */
const pageSize = (text: string): string => {
  const kb = Number.parseInt(text, 10);
  return kb >= 1_048_576
    ? `${String(kb / 1_048_576)} GiB`
    : kb >= 1024
      ? `${String(kb / 1024)} MiB`
      : `${String(kb)} KiB`;
};

const hugepagesLabel = (rest: string): string => {
  const [node = '', size = ''] = rest.split(' ');
  return `${pageSize(size)} pages on node ${node}`;
};

const CPU_LABELS: Readonly<Record<string, string>> = {
  governor: 'CPU governor',
  'max-idle-latency': 'deepest idle state (µs)',
  smt: 'SMT',
};

const HOST: Readonly<Record<string, (rest: string) => Omit<Description, 'subject'>>> = {
  sysctl: (rest) => ({
    topic: SYSCTL_TOPICS.find(([pattern]) => pattern.test(rest))?.[1] ?? 'kernel',
    label: rest.replaceAll(/[./]/g, (character) => (character === '/' ? '.' : '/')),
  }),
  cpu: (rest) => ({topic: 'CPU', label: CPU_LABELS[rest] ?? rest}),
  thp: (rest) => ({topic: 'memory', label: `transparent hugepages ${rest}`}),
  hugepages: (rest) => ({topic: 'hugepages', label: hugepagesLabel(rest)}),
  limit: (rest) => ({topic: 'limits', label: `limit ${rest}`}),
  mount: (rest) => ({topic: 'mounts', label: `mount ${rest}`}),
  module: (rest) => ({topic: 'modules', label: `module ${rest}`}),
  driver: (rest) => ({topic: 'drivers', label: `driver of ${rest}`}),
  kernel: (rest) => ({topic: 'kernel', label: rest === 'default' ? 'kernel that boots' : 'newly installed kernels'}),
  boot: (rest) => ({topic: 'kernel arguments', label: `${rest}=`}),
  file: (rest) => ({topic: 'files', label: rest}),
  package: (rest) => ({topic: 'packages', label: rest}),
  user: (rest) => ({topic: 'users', label: rest}),
  group: (rest) => ({topic: 'users', label: `group ${rest}`}),
  command: (rest) => ({topic: 'commands', label: rest}),
  service: (rest) => ({topic: 'services', label: rest.replace(' ban.', ' for ')}),
};

/** How a setting is shown: under which topic of which NIC, and by what name. */
export const describeSetting = (id: string): Description => {
  const {kind, rest} = splitId(id);
  const host = HOST[kind];
  if (host) return {subject: '', ...host(rest)};
  const [subject = '', part = '', attribute = ''] = rest.split(' ');
  if (kind === 'irq') return {topic: 'IRQ affinity', subject, label: `${part} IRQ`};
  if (kind === 'queue') return queueDescription(subject, part, attribute);
  if (kind === 'rss') return {topic: 'RSS', subject, label: 'RSS table'};
  if (kind === 'nic') return nicDescription(subject, part);
  return {topic: kind, subject: '', label: rest};
};
