import type {Facts} from '../../engine/facts/facts.ts';
import type {Channels, Nic, NicIrq, Rings} from '../../engine/facts/nic.ts';
import {parseCpuList} from '../../engine/model/cpulist.ts';
import {parseCpuMask} from '../../engine/model/cpumask.ts';
import {isUnknown, known} from '../../engine/model/known.ts';
import type {Plan, Setting} from '../../engine/model/setting.ts';

/**
 * A host after a plan was carried out and the host rebooted into it, as far as facts show it. Written from what the kernel
 * and ethtool do, not from the planner's code.
 */
export const applyToFacts = (facts: Facts, plan: Plan): Facts => {
  const of = (prefix: string): readonly (readonly [rest: string, want: string])[] =>
    plan.settings.filter(({id}) => id.startsWith(prefix)).map(({id, want}) => [id.slice(prefix.length), want] as const);
  const sysctls = of('sysctl ');
  return {
    ...facts,
    sysctls: {
      live: {...facts.sysctls.live, ...Object.fromEntries(sysctls.map(([key, value]) => [key, {value}]))},
      configured: [
        ...facts.sysctls.configured,
        ...sysctls.map(([key, value]) => ({
          key,
          value,
          at: '/etc/sysctl.d/99-zz-linerate.conf:1',
          ignoreErrors: false,
        })),
      ],
    },
    boot: withArguments(facts.boot, of('boot ')),
    numa: {...facts.numa, ...Object.fromEntries(of('thp ').map(([, want]) => ['thpEnabled', want]))},
    nics: facts.nics.map((nic) => withNic(nic, plan.settings)),
  };
};

/** A boot with these kernel arguments, in force and for the next time. */
export const withArguments = (boot: Facts['boot'], wants: readonly (readonly [string, string])[]): Facts['boot'] => {
  const words = (text: string): string[] => {
    const kept = text
      .split(' ')
      .filter((word) => !wants.some(([name]) => word === name || word.startsWith(`${name}=`)));
    const added = wants.filter(([, want]) => want !== 'absent');
    return [...kept, ...added.map(([name, want]) => (want === 'present' ? name : `${name}=${want}`))];
  };
  return {
    ...boot,
    commandLine: words(boot.commandLine).join(' '),
    nextCommandLine: words(known(boot.nextCommandLine) ?? '').join(' '),
  };
};

const resized = <T>(items: readonly T[], count: number, make: (index: number) => T): T[] =>
  Array.from({length: count}, (_, index) => items[index] ?? make(index));

/** ethtool -L: queues and vectors come and go with the channels, and an untouched RSS table follows. */
const withChannels = (nic: Nic, combined: number | undefined): Nic => {
  const channels = known(nic.channels);
  if (combined === undefined || !channels) return nic;
  const sample = nic.irqs.find((irq) => irq.queue !== undefined);
  const others = nic.irqs.filter((irq) => irq.queue === undefined);
  const roles = [...new Set(nic.irqs.filter((irq) => irq.queue === 0).map((irq) => irq.role))];
  const vectors = Array.from({length: combined}, (_, queue) =>
    Array.from(
      roles,
      (role): NicIrq =>
        nic.irqs.find((irq) => irq.queue === queue && irq.role === role) ?? {
          ...(sample ?? {affinity: [0], effective: [0], managed: false}),
          irq: 10_000 + queue * 2 + roles.indexOf(role),
          name: `${nic.name}-${role}-${String(queue)}`,
          role,
          queue,
        },
    ),
  ).flat();
  const next: Channels = {...channels, now: {...channels.now, combined}};
  return {
    ...nic,
    channels: next,
    irqs: [...others, ...vectors],
    rxQueues: resized(nic.rxQueues, combined, (index) => ({index, rps: [], rpsFlowCount: 0})),
    txQueues: resized(nic.txQueues, combined, (index) => ({
      index,
      xps: [],
      xpsRxqs: '',
      bqlLimitMin: 0,
      bqlLimitMax: 1_879_048_192,
    })),
  };
};

const withVectors = (nic: Nic, wants: ReadonlyMap<string, string>): NicIrq[] => {
  const sorted = [...nic.irqs].sort((a, b) => a.irq - b.irq);
  let others = 0;
  return Array.from(sorted, (irq) => {
    const name = irq.queue === undefined ? `other-${String(others++)}` : `${irq.role}-${String(irq.queue)}`;
    const want = wants.get(`irq ${nic.name} ${name}`);
    const affinity = want === undefined ? irq.affinity : (parseCpuList(want) ?? []);
    return {...irq, affinity, effective: isUnknown(affinity) ? affinity : affinity.slice(0, 1)};
  });
};

const withNic = (before: Nic, settings: readonly Setting[]): Nic => {
  const wants = new Map(settings.map(({id, want}) => [id, want]));
  const number = (id: string): number | undefined => (wants.has(id) ? Number(wants.get(id)) : undefined);
  const nic = withChannels(before, number(`nic ${before.name} channels.combined`));
  const rss = wants.get(`rss ${nic.name}`);
  const mask = (id: string): number[] | undefined => {
    const want = wants.get(id);
    return want === undefined ? undefined : [...(parseCpuMask(want) ?? [])];
  };
  const rings = known(nic.rings);
  const ring = (kind: 'rx' | 'tx'): Record<string, number> => {
    const size = number(`nic ${nic.name} ring.${kind}`);
    return size === undefined ? {} : {[kind]: size};
  };
  const nextRings: Rings | undefined = rings && {...rings, now: {...rings.now, ...ring('rx'), ...ring('tx')}};
  const table = known(nic.rss);
  return {
    ...nic,
    ...(nextRings === undefined ? {} : {rings: nextRings}),
    ...(rss === undefined || !table
      ? {}
      : {rss: {...table, slots: table.slots.map((_, slot) => slot % Number(rss.split(' ')[1]))}}),
    irqs: withVectors(nic, wants),
    rxQueues: Array.from(nic.rxQueues, (queue) => ({
      ...queue,
      rps: mask(`queue ${nic.name} rx-${String(queue.index)} rps`) ?? queue.rps,
      rpsFlowCount: number(`queue ${nic.name} rx-${String(queue.index)} rfs`) ?? queue.rpsFlowCount,
    })),
    txQueues: Array.from(nic.txQueues, (queue) => ({
      ...queue,
      xps: mask(`queue ${nic.name} tx-${String(queue.index)} xps`) ?? queue.xps,
    })),
  };
};
