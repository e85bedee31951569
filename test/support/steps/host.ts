import type {Facts} from '../../../engine/facts/facts.ts';
import type {Nic} from '../../../engine/facts/nic.ts';

export type Writable<T> = T extends object ? {-readonly [K in keyof T]: Writable<T[K]>} : T;

/** A host as its facts show it, with what they do not show. */
export type StepHost = {
  facts: Writable<Facts>;
  /** NICs whose RSS table somebody has set (IFF_RXFH_CONFIGURED). */
  configured: Set<string>;
  /** Interrupt names by NIC, role and queue: those that go come back under the same name. */
  names: Map<string, string>;
  /** The next interrupt's number: each reset renumbers. */
  nextIrq: number;
  /** C-state switches of all CPUs but 0, which are the only ones facts show. */
  idle: Map<string, string>;
  /** What somebody has set vm.min_free_kbytes to; -1 where the kernel has worked it out (user_min_free_kbytes). */
  reserve: number;
};

export const vectorKey = (nic: string, role: string, queue: number | undefined): string =>
  `${nic} ${role} ${String(queue)}`;

// Less than what the kernel works out at boot was set by somebody.
const ownReserve = ({sysctls}: Facts): number => {
  const held = sysctls.live['vm/min_free_kbytes'];
  const value = typeof held === 'object' && 'value' in held ? Number(held.value) : -1;
  return value < 48_240 ? value : -1;
};

/** A model of the host. `configured`: whether a table that the driver could have made was set by somebody all the same. */
export const stepHost = (facts: Facts, configured = false): StepHost => {
  const copy = structuredClone(facts) as Writable<Facts>;
  const own = copy.nics.filter(({rss, rxQueues}) => {
    const driven = 'slots' in rss && rss.slots.every((queue, slot) => queue === slot % Math.max(1, rxQueues.length));
    return configured || !driven;
  });
  return {
    facts: copy,
    configured: new Set(own.map(({name}) => name)),
    names: new Map(
      copy.nics.flatMap((nic) => nic.irqs.map((irq) => [vectorKey(nic.name, irq.role, irq.queue), irq.name] as const)),
    ),
    nextIrq: 100_000,
    idle: new Map(),
    reserve: ownReserve(facts),
  };
};

/** A second host in the same state. */
export const copyOf = (host: StepHost): StepHost => structuredClone(host);

export const nicIn = (host: StepHost, name: string): Writable<Nic> => {
  const nic = host.facts.nics.find((one) => one.name === name);
  if (!nic) throw new Error(`no NIC ${name}`);
  return nic;
};

/** An adaptive driver's fixed values are whatever it has come to. */
const settledCoalescing = (coalesce: Writable<Nic>['coalesce']): unknown =>
  Object.fromEntries(
    Object.entries(coalesce).filter(([name]) => {
      const direction = /^([rt]x)-(?:usecs|frames)$/.exec(name)?.[1];
      return direction === undefined || !('adaptive-rx' in coalesce) || coalesce[`adaptive-${direction}`] !== true;
    }),
  );

/** Leaves by their path: `nics/2/mtu` → 1500. */
const leaves = (value: unknown, path: string, found: Map<string, unknown>): Map<string, unknown> => {
  if (typeof value !== 'object' || value === null) return found.set(path, value);
  for (const [key, part] of Object.entries(value)) leaves(part, path === '' ? key : `${path}/${key}`, found);
  return found;
};

/** What a host shows, by path, without what a reset renumbers and what follows from the rest. */
export const shown = ({facts, idle}: StepHost): ReadonlyMap<string, unknown> => {
  const {cpu, sysctls, power, numa, nics, services, mounts, modules} = facts;
  const others = nics.map((nic) => ({
    ...nic,
    coalesce: settledCoalescing(nic.coalesce),
    irqs: nic.irqs.map(({name, role, queue, affinity}) => ({name, role, queue, affinity})),
  }));
  const disabled = [...idle].filter(([, text]) => text === '1').map(([file]) => file);
  return leaves(
    {cpu, sysctls: sysctls.live, power, numa, services, mounts, modules, nics: others, disabled},
    '',
    new Map(),
  );
};

/** Paths at which two hosts differ, with both values. */
export const differences = (
  before: ReadonlyMap<string, unknown>,
  after: ReadonlyMap<string, unknown>,
): readonly string[] =>
  [...new Set([...before.keys(), ...after.keys()])]
    .filter((path) => before.get(path) !== after.get(path))
    .map((path) => `${path}: ${String(before.get(path))}, now ${String(after.get(path))}`);

/** The facts that a probe of the host would bring. */
export const factsNow = (host: StepHost): Facts => structuredClone(host.facts) as Facts;
