import {parseCpuMask} from '../model/cpumask.ts';
import {isUnknown, unknown} from '../model/known.ts';
import {type Frames, numberOf} from './frames.ts';
import type {RxQueue, TxQueue} from './nic.ts';
import {directory, readAs} from './nic-sysfs.ts';
import {present} from './present.ts';

const FILE = /^\/sys\/class\/net\/([^/]+)\/queues\/(rx|tx)-(\d+)\//;

/** Indexes of every interface's queues, ascending, by `INTERFACE rx` and `INTERFACE tx`. */
const queueIndexes = (frames: Frames): ReadonlyMap<string, readonly number[]> => {
  const found = new Map<string, Set<number>>();
  for (const paths of [frames.files.keys(), frames.absent.keys(), frames.refused.keys()]) {
    for (const path of paths) {
      const match = FILE.exec(path);
      if (!match) continue;
      const key = `${match[1] ?? ''} ${match[2] ?? ''}`;
      found.set(key, (found.get(key) ?? new Set()).add(Number(match[3])));
    }
  }
  return new Map([...found].map(([key, indexes]) => [key, [...indexes].sort((a, b) => a - b)]));
};

const wholeNumber = (text: string): number | undefined => (/^\d+$/.test(text) ? Number(text) : undefined);

const rxQueue = (frames: Frames, path: string, index: number): RxQueue => ({
  index,
  rps: readAs(frames, `${path}/rps_cpus`, parseCpuMask),
  rpsFlowCount: readAs(frames, `${path}/rps_flow_cnt`, wholeNumber),
});

const txQueue = (frames: Frames, path: string, index: number, only: boolean): TxQueue => {
  const xps = readAs(frames, `${path}/xps_cpus`, parseCpuMask);
  return present({
    index,
    // The kernel answers ENOENT for the CPUs of a single queue: there is nothing to choose.
    xps: only && isUnknown(xps) ? unknown('one tx queue: XPS has no effect') : xps,
    xpsRxqs: readAs(frames, `${path}/xps_rxqs`, (text) => text),
    bqlLimitMin: numberOf(frames, `${path}/byte_queue_limits/limit_min`),
    bqlLimitMax: numberOf(frames, `${path}/byte_queue_limits/limit_max`),
  });
};

/** The queues of each interface, as its `queues` directory lists them. */
export const queuesOf = (frames: Frames): ((nic: string) => {rx: readonly RxQueue[]; tx: readonly TxQueue[]}) => {
  const indexes = queueIndexes(frames);
  return (nic) => {
    const path = (queue: string): string => `${directory(nic)}/queues/${queue}`;
    const tx = indexes.get(`${nic} tx`) ?? [];
    return {
      rx: (indexes.get(`${nic} rx`) ?? []).map((index) => rxQueue(frames, path(`rx-${String(index)}`), index)),
      tx: tx.map((index) => txQueue(frames, path(`tx-${String(index)}`), index, tx.length === 1)),
    };
  };
};
