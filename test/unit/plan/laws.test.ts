import test from 'ava';
import fc from 'fast-check';
import type {Facts} from '../../../engine/facts/facts.ts';
import {parseCpuList, type Cpus} from '../../../engine/model/cpulist.ts';
import {parseCpuMask} from '../../../engine/model/cpumask.ts';
import type {Plan} from '../../../engine/model/setting.ts';
import {planHost} from '../../../engine/plan/plan.ts';
import {parsePlanVariables} from '../../../engine/plan/variables.ts';
import {applyToFacts} from '../../support/apply.ts';
import {exampleFacts, exampleMachine, exampleNic} from '../../support/facts.ts';
import {machines, someOf} from '../../support/machine-arbitrary.ts';
import {ALL_RULES, exampleSheets} from '../../support/sheets.ts';

const NONE = parsePlanVariables({}, () => undefined);
const FITTED = exampleSheets({workload: ALL_RULES});
const AS_IS = exampleSheets({workload: ALL_RULES.filter(({set}) => set !== 'rule channels')});

/** With channels fitted to the cores, and with as many as the NIC happens to have. */
const sheets = fc.constantFrom(FITTED, AS_IS);

const wantsOf = (plan: Plan, pattern: RegExp): [id: string, want: string][] =>
  plan.settings.flatMap(({id, want}) => (pattern.test(id) ? [[id, want] as [string, string]] : []));

const irqCpus = (plan: Plan, nic: string): number[] => {
  const queues = new Map(
    wantsOf(plan, new RegExp(`^irq ${nic} (rx|tx|rx-tx)-`)).map(([id, want]) => [id.split('-').at(-1) ?? '', want]),
  );
  return [...queues.values()].flatMap((want) => parseCpuList(want) ?? []);
};

const spread = (cpus: readonly number[], over: Cpus): number => {
  const counts = over.map((cpu) => cpus.filter((one) => one === cpu).length);
  return Math.max(...counts) - Math.min(...counts);
};

const usableOf = (facts: Facts, reserved: Cpus = []): Cpus =>
  facts.cpu.online.filter((cpu) => ![...facts.cpu.isolated, ...facts.cpu.nohzFull, ...reserved].includes(cpu));

const runs = {numRuns: 60};

test('every queue interrupt has one CPU, online and neither isolated nor nohz_full', (t) => {
  t.notThrows(() => {
    fc.assert(
      fc.property(machines, sheets, (facts, chosen) => {
        const plan = planHost('h', facts, chosen, NONE);
        const usable = usableOf(facts);
        for (const nic of facts.nics) {
          const queued = new Set(wantsOf(plan, new RegExp(`^irq ${nic.name} (rx|tx|rx-tx)-`)).map(([, want]) => want));
          if (queued.size === 0) return false;
          for (const want of queued) {
            const cpus = parseCpuList(want);
            if (cpus?.length !== 1 || !usable.includes(cpus[0] ?? -1)) return false;
          }
        }
        return wantsOf(plan, /^irq /).every(([, want]) =>
          (parseCpuList(want) ?? []).every((cpu) => usable.includes(cpu)),
        );
      }),
      runs,
    );
  });
});

test('queues of a NIC go to its own node where that has a usable CPU', (t) => {
  t.notThrows(() => {
    fc.assert(
      fc.property(machines, sheets, (facts, chosen) => {
        const plan = planHost('h', facts, chosen, NONE);
        return facts.nics.every((nic) => {
          const local = usableOf(facts).filter((cpu) => nic.pci?.localCpus.includes(cpu));
          return local.length === 0 || irqCpus(plan, nic.name).every((cpu) => local.includes(cpu));
        });
      }),
      runs,
    );
  });
});

test('the queues of a NIC spread over its CPUs with at most one between the most and the least used', (t) => {
  t.notThrows(() => {
    fc.assert(
      fc.property(machines, sheets, (facts, chosen) => {
        const plan = planHost('h', facts, chosen, NONE);
        return facts.nics.every((nic) => {
          const cpus = irqCpus(plan, nic.name);
          const used = [...new Set(cpus)];
          const usable = usableOf(facts);
          const own = usable.filter((cpu) => nic.pci?.localCpus.includes(cpu));
          const over = own.length > 0 && (nic.pci?.numaNode ?? -1) >= 0 ? own : usable;
          return spread(cpus, used) <= 1 && (cpus.length <= used.length || used.length === over.length);
        });
      }),
      runs,
    );
  });
});

test('NICs of one node with a queue a core load its cores evenly', (t) => {
  t.notThrows(() => {
    fc.assert(
      fc.property(
        fc.constantFrom(2, 4, 8, 16),
        fc.array(fc.constantFrom(1, 2, 3, 4, 6, 8), {minLength: 1, maxLength: 6}),
        (cores, counts) => {
          const machine = exampleMachine({coresPerSocket: cores});
          const nics = counts.map((queues, index) =>
            exampleNic({
              name: `eth${String(index)}`,
              queues,
              maxQueues: queues,
              node: 0,
              localCpus: machine.cpu.online,
              firstIrq: index * 100,
            }),
          );
          const facts = exampleFacts({...machine, nics});
          const plan = planHost('h', facts, FITTED, NONE);
          return (
            spread(
              nics.flatMap((nic) => irqCpus(plan, nic.name)),
              machine.cpu.online,
            ) <= 1
          );
        },
      ),
      runs,
    );
  });
});

test('one thread a core comes first: siblings only where queues outnumber cores', (t) => {
  t.notThrows(() => {
    fc.assert(
      fc.property(machines, sheets, (facts, chosen) => {
        const plan = planHost('h', facts, chosen, NONE);
        const coreOf = new Map(facts.cpu.threads.map((thread) => [thread.cpu, thread.siblings.join()]));
        return facts.nics.every((nic) => {
          const cpus = irqCpus(plan, nic.name);
          const used = new Set(cpus.map((cpu) => coreOf.get(cpu)));
          const usable = usableOf(facts);
          const own = usable.filter((cpu) => nic.pci?.localCpus.includes(cpu));
          const over = own.length > 0 && (nic.pci?.numaNode ?? -1) >= 0 ? own : usable;
          const cores = new Set(over.map((cpu) => coreOf.get(cpu))).size;
          return used.size === Math.min(cpus.length, cores);
        });
      }),
      runs,
    );
  });
});

test('XPS gives every online CPU a queue and every queue a CPU, evenly', (t) => {
  t.notThrows(() => {
    fc.assert(
      fc.property(machines, sheets, (facts, chosen) => {
        const plan = planHost('h', facts, chosen, NONE);
        return facts.nics.every((nic) => {
          const masks = wantsOf(plan, new RegExp(`^queue ${nic.name} tx-\\d+ xps$`)).map(
            ([, want]) => parseCpuMask(want) ?? [],
          );
          if (masks.length === 0) return true;
          const all = masks.flat();
          const sizes = masks.map((mask) => mask.length);
          return (
            masks.every((mask) => mask.length > 0 && mask.every((cpu) => facts.cpu.online.includes(cpu))) &&
            new Set(all).size === facts.cpu.online.length &&
            Math.max(...sizes) - Math.min(...sizes) <= 1 &&
            (masks.length > facts.cpu.online.length || all.length === facts.cpu.online.length)
          );
        });
      }),
      runs,
    );
  });
});

test('RPS is off where every core has a queue, else on usable CPUs of the kernel’s own mask width', (t) => {
  t.notThrows(() => {
    fc.assert(
      fc.property(machines, sheets, (facts, chosen) => {
        const plan = planHost('h', facts, chosen, NONE);
        const usable = usableOf(facts);
        const groups = Math.ceil(((facts.cpu.possible.at(-1) ?? 0) + 1) / 32);
        return wantsOf(plan, /^queue \S+ (rx-\d+ rps|tx-\d+ xps)$/).every(([id, want]) => {
          const parts = want.split(',');
          const wide = parts.length === groups && parts.every((part) => part.length <= 8);
          return wide && (id.endsWith('xps') || (parseCpuMask(want) ?? [-1]).every((cpu) => usable.includes(cpu)));
        });
      }),
      runs,
    );
  });
});

test('RFS entries of a NIC add up to the flow table or a power of two more', (t) => {
  t.notThrows(() => {
    fc.assert(
      fc.property(machines, sheets, (facts, chosen) => {
        const plan = planHost('h', facts, chosen, NONE);
        const total = Number(plan.settings.find(({id}) => id === 'sysctl net/core/rps_sock_flow_entries')?.want);
        return facts.nics.every((nic) => {
          const counts = wantsOf(plan, new RegExp(`^queue ${nic.name} rx-\\d+ rfs$`)).map(([, want]) => Number(want));
          if (facts.cpu.online.length === 1) return counts.length === 0;
          const sum = counts.reduce((all, count) => all + count, 0);
          return counts.every((count) => Number.isInteger(Math.log2(count))) && sum >= total && sum < total * 2;
        });
      }),
      runs,
    );
  });
});

test('reserved CPUs take no interrupt and no RPS', (t) => {
  t.notThrows(() => {
    fc.assert(
      fc.property(machines, sheets, fc.array(fc.nat(600), {minLength: 1, maxLength: 5}), (facts, chosen, numbers) => {
        const reserved = someOf(numbers, facts.cpu.present.length);
        const variables = parsePlanVariables({linerate_reserved_cpus: reserved.join(',')}, () => undefined);
        const plan = planHost('h', facts, chosen, variables);
        const busy = [
          ...wantsOf(plan, /^irq /).flatMap(([, want]) => parseCpuList(want) ?? []),
          ...wantsOf(plan, /rps$/).flatMap(([, want]) => parseCpuMask(want) ?? []),
        ];
        return busy.every((cpu) => usableOf(facts, reserved).includes(cpu));
      }),
      runs,
    );
  });
});

const shuffled = <T>(items: readonly T[], seed: number): T[] =>
  items
    .map((item, index) => ({item, key: Math.imul(index + 1, seed * 2 + 1) >>> 0}))
    .sort((a, b) => a.key - b.key)
    .map(({item}) => item);

test('the order in which facts arrive changes nothing', (t) => {
  fc.assert(
    fc.property(machines, sheets, fc.integer({min: 1, max: 2 ** 30}), (facts, chosen, seed) => {
      const mixed: Facts = {
        ...facts,
        cpu: {...facts.cpu, threads: shuffled(facts.cpu.threads, seed)},
        numa: {...facts.numa, nodes: shuffled(facts.numa.nodes, seed)},
        nics: shuffled(facts.nics, seed).map((nic) =>
          Object.assign({}, nic, {
            irqs: shuffled(nic.irqs, seed),
            rxQueues: shuffled(nic.rxQueues, seed),
            txQueues: shuffled(nic.txQueues, seed),
          }),
        ),
      };
      t.deepEqual(planHost('h', mixed, chosen, NONE), planHost('h', facts, chosen, NONE));
    }),
    {numRuns: 40},
  );
});

test('a host that was brought to its plan has nothing live left to change', (t) => {
  fc.assert(
    fc.property(machines, sheets, (facts, chosen) => {
      const after = applyToFacts(facts, planHost('h', facts, chosen, NONE));
      const again = planHost('h', after, chosen, NONE);
      t.deepEqual(
        again.settings.filter(({pending}) => pending.includes('live')).map(({id, live, want}) => [id, live, want]),
        [],
      );
    }),
    {numRuns: 50},
  );
});
