import type {Fact} from './fact.ts';
import type {Frames} from './frames.ts';
import {present} from './present.ts';

/** A counter at the probe's start and at its end. */
export type Counter = {first: number; last: number};

/** What the host's own counters say about pressure; by seconds between the two samples. */
export type Evidence = {
  seconds: number;
  softnet: {processed: Counter; dropped: Counter; timeSqueeze: Counter};
  /** By NIC, then counter: rx_missed_errors, rx_dropped, rx_fifo_errors, tx_dropped … of statistics/. */
  nics: Readonly<Record<string, Readonly<Record<string, Counter>>>>;
  listenOverflows?: Counter;
  listenDrops?: Counter;
  tcpRetransmits?: Counter;
  conntrack?: {count: number; max: number};
};

const STATISTICS = [
  'rx_packets',
  'rx_dropped',
  'rx_missed_errors',
  'rx_fifo_errors',
  'rx_over_errors',
  'rx_errors',
  'tx_packets',
  'tx_dropped',
  'tx_errors',
];

const FILES = [
  'proc/uptime',
  'proc/net/softnet_stat',
  'proc/net/netstat',
  'proc/net/snmp',
  'proc/sys/net/netfilter/nf_conntrack_count',
  'proc/sys/net/netfilter/nf_conntrack_max',
];

type Sample = 'first' | 'last';

// Each sample is one frame below a folder of its own name. Interfaces without a device count what others have counted.
const FUNCTION = `sample() {
  name=$1
  cd "$R/" || return
  set -- ${FILES.join(' ')}
  for p in sys/class/net/*; do
    [ ! -e "$p/device" ] || for c in ${STATISTICS.join(' ')}; do set -- "$@" "$p/statistics/$c"; done
  done
  printf '%s many /%s\\n' "$T" "$name"
  grep '' -- "$@" /dev/null 2>/dev/null </dev/null
  cd /
}
sample first`;

/** The second sample: to be the probe's last script. */
export const EVIDENCE_END = 'sample last';

/** The sums of softnet_stat's first three columns over all CPUs (hexadecimal; net/core/net-procfs.c). */
const softnetOf = (frames: Frames, sample: Sample): readonly [number, number, number] => {
  const sums: [number, number, number] = [0, 0, 0];
  for (const line of (frames.files.get(`/${sample}/proc/net/softnet_stat`) ?? '').split('\n')) {
    const [processed = '', dropped = '', squeezed = ''] = line.trim().split(/\s+/);
    if (squeezed === '') continue;
    sums[0] += Number.parseInt(processed, 16);
    sums[1] += Number.parseInt(dropped, 16);
    sums[2] += Number.parseInt(squeezed, 16);
  }
  return sums;
};

/** A named counter of the two-line tables in /proc/net/netstat and /proc/net/snmp. */
const tableCounter = (
  frames: Frames,
  sample: Sample,
  file: string,
  table: string,
  name: string,
): number | undefined => {
  const text = frames.files.get(`/${sample}/proc/net/${file}`) ?? '';
  const rows = text.split('\n').filter((line) => line.startsWith(`${table}: `));
  const [names = [], values = []] = rows.map((row) => row.split(' '));
  const value = values[names.indexOf(name)];
  return value === undefined ? undefined : Number(value);
};

const bothOf = (frames: Frames, file: string, table: string, name: string): Counter | undefined => {
  const first = tableCounter(frames, 'first', file, table, name);
  const last = tableCounter(frames, 'last', file, table, name);
  return first === undefined || last === undefined ? undefined : {first, last};
};

const nicsOf = (frames: Frames): Evidence['nics'] => {
  const nics: Record<string, Record<string, Counter>> = {};
  for (const [path, text] of frames.files) {
    const [, nic, name] = /^\/first\/sys\/class\/net\/([^/]+)\/statistics\/(\w+)$/.exec(path) ?? [];
    const last = frames.files.get(path.replace('/first/', '/last/'));
    if (nic === undefined || name === undefined || last === undefined) continue;
    nics[nic] = {...nics[nic], [name]: {first: Number(text), last: Number(last)}};
  }
  return nics;
};

const conntrackOf = (frames: Frames): Evidence['conntrack'] => {
  const count = frames.files.get('/last/proc/sys/net/netfilter/nf_conntrack_count');
  const max = frames.files.get('/last/proc/sys/net/netfilter/nf_conntrack_max');
  return count === undefined || max === undefined ? undefined : {count: Number(count), max: Number(max)};
};

const uptimeOf = (frames: Frames, sample: Sample): number =>
  Number.parseFloat(frames.files.get(`/${sample}/proc/uptime`) ?? '0');

const parse = (frames: Frames): Evidence => {
  const first = softnetOf(frames, 'first');
  const last = softnetOf(frames, 'last');
  return present({
    // The uptime has two decimals.
    seconds: Math.max(0, Math.round((uptimeOf(frames, 'last') - uptimeOf(frames, 'first')) * 100) / 100),
    softnet: {
      processed: {first: first[0], last: last[0]},
      dropped: {first: first[1], last: last[1]},
      timeSqueeze: {first: first[2], last: last[2]},
    },
    nics: nicsOf(frames),
    listenOverflows: bothOf(frames, 'netstat', 'TcpExt', 'ListenOverflows'),
    listenDrops: bothOf(frames, 'netstat', 'TcpExt', 'ListenDrops'),
    tcpRetransmits: bothOf(frames, 'snmp', 'Tcp', 'RetransSegs'),
    conntrack: conntrackOf(frames),
  });
};

/** The first sample; to be the probe's first script, and EVIDENCE_END its last. */
export const evidence: Fact<Evidence> = {name: 'evidence', script: () => FUNCTION, parse};
