import type {Nic} from '../../../engine/facts/nic.ts';
import {parseCpuMask} from '../../../engine/model/cpumask.ts';
import {nicIn, type StepHost, type Writable} from './host.ts';
import {resetNic} from './reset.ts';

const refuse = (what: string): never => {
  throw new Error(`write: ${what}`);
};

const PAIRS: Readonly<Record<string, string>> = {
  'vm/dirty_bytes': 'vm/dirty_ratio',
  'vm/dirty_ratio': 'vm/dirty_bytes',
};

const forward = (host: StepHost, on: boolean): void => {
  const {live} = host.facts.sysctls;
  for (const key of Object.keys(live)) {
    if (/^net\/ipv4\/(?:ip_forward|conf\/[^/]+\/forwarding)$/.test(key)) live[key] = {value: on ? '1' : '0'};
  }
  live['net/ipv4/conf/all/accept_redirects'] = {value: on ? '0' : '1'};
  for (const nic of host.facts.nics) {
    const {features} = nic;
    const lro = 'unknown' in features ? undefined : features['large-receive-offload'];
    if (!on || !lro?.on || lro.fixed) continue;
    lro.on = false;
    resetNic(host, nic);
  }
};

// What the kernel works out anew whenever the switch is written: more for huge pages, by the memory that is managed now and
// not at boot; less than what somebody has set only where that is more still (set_recommended_min_free_kbytes).
const reckonReserve = ({facts, reserve}: StepHost, hugePages: boolean): void => {
  const {live} = facts.sysctls;
  const held = live['vm/min_free_kbytes'];
  if (typeof held !== 'object' || !('value' in held)) return;
  const reckoned = hugePages ? Math.max(Number(held.value), 48_876) : reserve < 3817 ? 3817 : Number(held.value);
  live['vm/min_free_kbytes'] = {value: String(reckoned)};
};

const writeSysctl = (host: StepHost, key: string, text: string): void => {
  const {live} = host.facts.sysctls;
  const held = live[key];
  if (typeof held !== 'object' || !('value' in held)) return refuse(`no sysctl ${key}`);
  const other = PAIRS[key];
  if (other !== undefined && text === '0') return refuse(`EINVAL: ${key} = 0`);
  if (key === 'vm/min_free_kbytes') host.reserve = Number(text);
  if (held.value === text) return;
  live[key] = {value: text};
  if (other !== undefined) live[other] = {value: '0'};
  if (/^net\/ipv4\/(?:ip_forward|conf\/all\/forwarding)$/.test(key)) forward(host, text !== '0');
  const number = (name: string): number => {
    const value = live[name];
    return typeof value === 'object' && 'value' in value ? Number(value.value) : Number.NaN;
  };
  if (number('net/ipv4/ipfrag_low_thresh') > number('net/ipv4/ipfrag_high_thresh')) refuse('EINVAL: low above high');
};

const writeMtu = (host: StepHost, nic: Writable<Nic>, mtu: number): void => {
  if (mtu > (nic.maxMtu ?? 65_535)) refuse(`EINVAL: MTU ${String(mtu)}`);
  nic.mtu = mtu;
  for (const vlan of host.facts.nics.filter(({kind, lower}) => kind === 'vlan' && lower.includes(nic.name))) {
    vlan.mtu = Math.min(vlan.mtu, mtu);
  }
  resetNic(host, nic);
};

const writeNic = (host: StepHost, nic: Writable<Nic>, file: string, text: string): void => {
  if (file === 'mtu') writeMtu(host, nic, Number(text));
  else if (file === 'tx_queue_len') nic.txQueueLength = Number(text);
  else if (file === 'napi_defer_hard_irqs') nic.napiDeferHardIrqs = Number(text);
  else if (file === 'gro_flush_timeout') nic.groFlushTimeoutNs = Number(text);
  else if (file === 'threaded') nic.threaded = text === '1';
  else refuse(`no file ${file}`);
};

// The kernel wants groups of eight digits, and no more of them than it has CPUs (EOVERFLOW).
const cpusOf = (host: StepHost, text: string): number[] => {
  const groups = Math.ceil(host.facts.cpu.possible.length / 32);
  const [first = '', ...rest] = text.split(',');
  if (rest.length >= groups || first.length > 8 || rest.some((group) => group.length !== 8))
    refuse(`EOVERFLOW: ${text}`);
  return [...(parseCpuMask(text) ?? refuse(`EINVAL: ${text}`))];
};

const powerOfTwo = (value: number): number => (value === 0 ? 0 : 2 ** Math.ceil(Math.log2(value)));

const writeReceive = (host: StepHost, nic: Writable<Nic>, index: number, file: string, text: string): void => {
  const queue = nic.rxQueues.find((one) => one.index === index) ?? refuse(`ENOENT: ${nic.name} rx-${String(index)}`);
  if (file === 'rps_cpus') queue.rps = cpusOf(host, text);
  else if (file === 'rps_flow_cnt') queue.rpsFlowCount = powerOfTwo(Number(text));
  else refuse(`no file ${file}`);
};

const writeTransmit = (host: StepHost, nic: Writable<Nic>, index: number, file: string, text: string): void => {
  const queue = nic.txQueues.find((one) => one.index === index) ?? refuse(`ENOENT: ${nic.name} tx-${String(index)}`);
  if (file === 'xps_cpus' && nic.txQueues.length > 1) queue.xps = cpusOf(host, text);
  else if (file === 'xps_rxqs') queue.xpsRxqs = text;
  else if (file === 'byte_queue_limits/limit_min') queue.bqlLimitMin = Number(text);
  else if (file === 'byte_queue_limits/limit_max') queue.bqlLimitMax = Number(text);
  else refuse(`no file ${file}`);
};

const writeIdle = (host: StepHost, cpu: number, state: number, text: string): void => {
  const found = host.facts.power.idleStates[state] ?? refuse(`no C-state ${String(state)}`);
  if (cpu === 0) found.disabled = text === '1';
  else host.idle.set(`cpu${String(cpu)} state${String(state)}`, text);
};

const writeGovernor = (host: StepHost, policy: string, text: string): void => {
  if (!(policy in host.facts.power.governors)) refuse(`no policy ${policy}`);
  if (!host.facts.power.availableGovernors.includes(text)) refuse(`EINVAL: governor ${text}`);
  host.facts.power.governors[policy] = text;
};

const writePages = (host: StepHost, node: number | undefined, sizeKb: number, text: string): void => {
  const {nodes} = host.facts.numa;
  const place = node === undefined ? nodes[0] : nodes.find((one) => one.node === node);
  const pool = place?.hugepages.find((one) => one.sizeKb === sizeKb) ?? refuse('no such pool');
  pool.total = Number(text);
};

type Writer = (host: StepHost, text: string, parts: readonly string[]) => void;

const FILES: readonly (readonly [RegExp, Writer])[] = [
  [
    /^\/proc\/sys\/(.+)$/,
    (host, text, [key = '']) => {
      writeSysctl(host, key, text);
    },
  ],
  [
    /^\/sys\/class\/net\/([^/]+)\/queues\/rx-(\d+)\/(.+)$/,
    (host, text, [nic = '', index, file = '']) => {
      writeReceive(host, nicIn(host, nic), Number(index), file, text);
    },
  ],
  [
    /^\/sys\/class\/net\/([^/]+)\/queues\/tx-(\d+)\/(.+)$/,
    (host, text, [nic = '', index, file = '']) => {
      writeTransmit(host, nicIn(host, nic), Number(index), file, text);
    },
  ],
  [
    /^\/sys\/class\/net\/([^/]+)\/(\w+)$/,
    (host, text, [nic = '', file = '']) => {
      writeNic(host, nicIn(host, nic), file, text);
    },
  ],
  [
    /^\/sys\/devices\/system\/cpu\/cpu(\d+)\/cpuidle\/state(\d+)\/disable$/,
    (host, text, [cpu, state]) => {
      writeIdle(host, Number(cpu), Number(state), text);
    },
  ],
  [
    /^\/sys\/devices\/system\/cpu\/cpufreq\/(policy\d+)\/scaling_governor$/,
    (host, text, [policy = '']) => {
      writeGovernor(host, policy, text);
    },
  ],
  [
    /^\/sys\/devices\/system\/cpu\/(cpu\d+)\/cpufreq\/scaling_governor$/,
    (host, text, [policy = '']) => {
      writeGovernor(host, policy, text);
    },
  ],
  [
    /^\/sys\/kernel\/mm\/transparent_hugepage\/enabled$/,
    (host, text) => {
      host.facts.numa.thpEnabled = text;
      reckonReserve(host, text !== 'never');
    },
  ],
  [
    /^\/sys\/kernel\/mm\/transparent_hugepage\/defrag$/,
    (host, text) => {
      host.facts.numa.thpDefrag = text;
    },
  ],
  [
    /^\/sys\/kernel\/mm\/hugepages\/hugepages-(\d+)kB\/nr_hugepages$/,
    (host, text, [size]) => {
      writePages(host, undefined, Number(size), text);
    },
  ],
  [
    /^\/sys\/devices\/system\/node\/node(\d+)\/hugepages\/hugepages-(\d+)kB\/nr_hugepages$/,
    (host, text, [node, size]) => {
      writePages(host, Number(node), Number(size), text);
    },
  ],
];

/** One write to a file of the kernel. */
export const writeFile = (host: StepHost, path: string, text: string): void => {
  for (const [pattern, write] of FILES) {
    const match = pattern.exec(path);
    if (match) return write(host, text, match.slice(1));
  }
  refuse(`no file ${path}`);
};
