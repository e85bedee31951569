import test from 'ava';
import fc from 'fast-check';
import type {Facts} from '../../../../engine/facts/facts.ts';
import type {Change} from '../../../../engine/model/change.ts';
import type {Plan} from '../../../../engine/model/setting.ts';
import {changesOf} from '../../../../engine/plan/changes/changes.ts';
import {planHost} from '../../../../engine/plan/plan.ts';
import type {Sheets} from '../../../../engine/plan/sheet.ts';
import {parsePlanVariables} from '../../../../engine/plan/variables.ts';
import {kindOf} from '../../../../engine/resources/kinds.ts';
import {splitId} from '../../../../engine/resources/lookup.ts';
import {machines} from '../../../support/machine-arbitrary.ts';
import {ALL_RULES, exampleSheets, type Line} from '../../../support/sheets.ts';
import {carryOutSteps} from '../../../support/steps/carry-out.ts';
import {differences, factsNow, shown, stepHost} from '../../../support/steps/host.ts';

const NONE = parsePlanVariables({}, () => undefined);

const WISHES: readonly Line[] = [
  ...ALL_RULES,
  {set: 'nic ring.rx', to: 'max'},
  {set: 'nic ring.tx', to: '1024'},
  {set: 'nic coalesce.adaptive-rx', to: 'off'},
  {set: 'nic coalesce.rx-usecs', to: '5'},
  {set: 'nic coalesce.tx-usecs', to: '64'},
  {set: 'nic feature.tcp-segmentation-offload', to: 'off'},
  {set: 'nic feature.ntuple-filters', to: 'on'},
  {set: 'nic private.link-down-on-close', to: 'on'},
  {set: 'nic pause.rx', to: 'on'},
  {set: 'nic pause.autonegotiate', to: 'off'},
  {set: 'nic mtu', to: '9000'},
  {set: 'nic txqueuelen', to: '10000'},
  {set: 'nic napi_defer_hard_irqs', to: '2'},
  {set: 'nic gro_flush_timeout', to: '200000'},
  {set: 'nic threaded', to: 'on'},
  {set: 'sysctl net.core.somaxconn', to: '65535'},
  {set: 'sysctl vm.swappiness', to: '10'},
  {set: 'sysctl net.ipv4.tcp_rmem', to: '4096 131072 67108864'},
  {set: 'cpu governor', to: 'performance'},
  {set: 'cpu max-idle-latency', to: '1'},
  {set: 'thp enabled', to: 'never'},
  {set: 'hugepages each 2048kB', to: '64'},
];

const wishes: fc.Arbitrary<Sheets> = fc
  .oneof(fc.constant(WISHES), fc.subarray([...WISHES]))
  .map((workload) => exampleSheets({workload}));

// Tables as administrators leave them: the driver's own, fewer queues, a block for each, in no order at all.
const tables = fc.constantFrom('own', 'fewer', 'blocks', 'odd');

const withTables = (facts: Facts, table: string): Facts => ({
  ...facts,
  nics: facts.nics.map((nic) => {
    const queues = nic.rxQueues.length;
    const slot = (index: number): number => {
      if (table === 'own') return index % queues;
      if (table === 'fewer') return index % Math.ceil(queues / 2);
      return table === 'blocks' ? Math.floor((index * queues) / 128) : (index * index) % queues;
    };
    const slots = Array.from({length: 128}, (_, index) => slot(index));
    return {
      ...nic,
      rss: {slots, keyBytes: 52, functions: ['toeplitz']},
      rxQueues: nic.rxQueues.map((queue) => ({...queue, rps: [0], rpsFlowCount: 64})),
      txQueues: nic.txQueues.map((queue) => ({
        ...queue,
        xps: queues === 1 ? queue.xps : facts.cpu.online.slice(-1),
        xpsRxqs: queue.index === 1 ? '2' : '0',
        bqlLimitMin: 1000,
      })),
    };
  }),
});

const hosts = fc
  .record({
    facts: machines,
    table: tables,
    configured: fc.boolean(),
    sheets: wishes,
    part: fc.oneof(fc.constant(1), fc.double({min: 0, max: 1, noNaN: true})),
  })
  .map(({facts, table, ...rest}) => ({facts: withTables(facts, table), exact: table !== 'odd', ...rest}));

const plan = (facts: Facts, sheets: Sheets): Plan => planHost('host', facts, sheets, NONE);

const stepsOf = (changes: readonly Change[]): readonly Change['steps'][number][] => changes.flatMap(({steps}) => steps);

/** Ids of changes whose address does not hold what was wanted. */
const unmet = (facts: Facts, changes: readonly Change[]): readonly string[] =>
  changes.flatMap(({id, after}) => {
    const {kind: name, rest} = splitId(id);
    const kind = kindOf(name);
    const live = kind?.live(facts, rest);
    const value = typeof live === 'object' && 'value' in live ? live.value : undefined;
    return value !== undefined && kind?.same(facts, rest, value, after)
      ? []
      : [`${id}: ${String(value)}, not ${after}`];
  });

test('the steps of both phases, on a model of the host, give the wanted values, and a second run has none', (t) => {
  fc.assert(
    fc.property(hosts, ({facts, sheets, configured}) => {
      const host = stepHost(facts, configured);
      const devices = changesOf(facts, plan(facts, sheets), 'devices');
      t.deepEqual(devices.blocks, []);
      carryOutSteps(host, stepsOf(devices.changes));
      const between = factsNow(host);
      t.deepEqual(unmet(between, devices.changes), []);
      const queues = changesOf(between, plan(between, sheets), 'queues');
      t.deepEqual(queues.blocks, []);
      carryOutSteps(host, stepsOf(queues.changes));
      const after = factsNow(host);
      t.deepEqual(unmet(after, [...devices.changes, ...queues.changes]), []);
      const again = plan(after, sheets);
      t.deepEqual(
        [...changesOf(after, again, 'devices').changes, ...changesOf(after, again, 'queues').changes].map(({id}) => id),
        [],
      );
    }),
    {numRuns: 60},
  );
});

/** The undo of a run that was cut after so many of its steps, as the host carries it out. */
const undoAfter = (changes: readonly Change[], count: number): readonly Change['steps'][number][] => {
  let left = count;
  const begun = changes.filter(({steps}) => {
    const begins = left > 0 || steps.length === 0;
    left -= steps.length;
    return begins;
  });
  return begun.toReversed().flatMap(({undo}) => undo);
};

for (const phase of ['devices', 'queues'] as const) {
  test(`after any number of steps of the ${phase} phase, the undo gives the host as it was`, (t) => {
    fc.assert(
      fc.property(hosts, ({facts, exact, sheets, configured, part}) => {
        const host = stepHost(facts, configured);
        if (phase === 'queues') carryOutSteps(host, stepsOf(changesOf(facts, plan(facts, sheets), 'devices').changes));
        const start = factsNow(host);
        const before = shown(host);
        const {changes} = changesOf(start, plan(start, sheets), phase);
        const steps = stepsOf(changes);
        const count = Math.round(part * steps.length);
        carryOutSteps(host, steps.slice(0, count));
        carryOutSteps(host, undoAfter(changes, count));
        // A table that ethtool has no words for keeps each queue's share only, and its settings say so.
        if (exact || phase === 'queues') t.deepEqual(differences(before, shown(host)), []);
        else
          t.deepEqual(
            unmet(
              factsNow(host),
              // An adaptive driver's own values are of the moment.
              changes
                .filter(({id}) => !id.endsWith(' coalesce.rx-usecs'))
                .map(({before: value, ...change}) => ({...change, after: value ?? ''})),
            ),
            [],
          );
      }),
      {numRuns: 100},
    );
  });
}

const RANKS = [
  /^(?!nic |rss |irq |queue )/,
  / private\./,
  / (?:mtu|txqueuelen|feature\.tcp-segmentation-offload|pause\.\w+)$/,
  / channels\./,
  / ring\./,
  /^rss /,
  / feature\.ntuple-filters$/,
  / (?:coalesce\.[\w-]+|napi_defer_hard_irqs|gro_flush_timeout|threaded)$/,
  /^irq /,
  / rps$/,
  / rfs$/,
  / xps$/,
];

test('the host comes first, then one NIC after another, each in the order in which drivers take it', (t) => {
  fc.assert(
    fc.property(hosts, ({facts, sheets}) => {
      const asked = plan(facts, sheets);
      for (const phase of ['devices', 'queues'] as const) {
        const ids = changesOf(facts, asked, phase).changes.map(({id}) => id);
        const nics = ids.map((id) => (RANKS[0]?.test(id) ? '' : (id.split(' ')[1] ?? '')));
        // Each NIC's changes stand together: it comes once.
        const runs = nics.filter((nic, index) => nic !== nics[index - 1]);
        t.is(new Set(runs).size, runs.length);
        t.true(!nics.includes('') || nics[0] === '');
        for (const nic of new Set(nics)) {
          const ranks = ids
            .filter((_, index) => nics[index] === nic)
            .map((id) => RANKS.findIndex((one) => one.test(id)));
          t.deepEqual(
            ranks,
            ranks.toSorted((a, b) => a - b),
          );
        }
      }
    }),
    {numRuns: 40},
  );
});

test('no step names an interrupt by its number, and the same facts give the same changes', (t) => {
  fc.assert(
    fc.property(hosts, ({facts, sheets}) => {
      const asked = plan(facts, sheets);
      for (const phase of ['devices', 'queues'] as const) {
        const {changes} = changesOf(facts, asked, phase);
        t.deepEqual(changesOf(structuredClone(facts), structuredClone(asked), phase).changes, changes);
        t.notRegex(JSON.stringify(changes), /\/proc\/irq\//);
        t.true(
          changes.every(
            ({steps, undo}) => ![...steps, ...undo].some((step) => step.do === 'affinity' && /^\d+$/.test(step.irq)),
          ),
        );
      }
    }),
    {numRuns: 40},
  );
});
