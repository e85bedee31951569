import test from 'ava';
import fc from 'fast-check';
import {loadSheets} from '../../../engine/catalogue/sheets.ts';
import type {Facts} from '../../../engine/facts/facts.ts';
import {OWN} from '../../../engine/facts/own-files.ts';
import type {Plan, Setting} from '../../../engine/model/setting.ts';
import {planHost} from '../../../engine/plan/plan.ts';
import type {Sheets} from '../../../engine/plan/sheet.ts';
import {parsePlanVariables} from '../../../engine/plan/variables.ts';
import {appliedLive, unsteady} from '../../support/applied.ts';
import {exampleFacts, exampleNic} from '../../support/facts.ts';
import {machines} from '../../support/machine-arbitrary.ts';
import {WORKLOADS} from '../../support/rendered-sheets.ts';
import {exampleSheets, type Line} from '../../support/sheets.ts';

const SHEETS = loadSheets();

const planFor = (facts: Facts, sheets: Sheets, variables: Record<string, unknown> = {}): Plan =>
  planHost(
    'h',
    facts,
    sheets,
    parsePlanVariables(variables, () => undefined),
  );

const VALUES: Readonly<Record<string, readonly string[]>> = {
  'kernel/nmi_watchdog': ['0', '1'],
  'net/core/bpf_jit_enable': ['0', '1', '2'],
  'net/core/default_qdisc': ['pfifo_fast', 'fq_codel', 'fq', 'cake'],
  'net/core/netdev_budget': ['300', '600', '1200'],
  'net/core/netdev_budget_usecs': ['2000', '8000', '20000'],
  'net/core/netdev_max_backlog': ['1000', '10000', '250000'],
  'net/core/somaxconn': ['128', '4096', '65535'],
  'net/ipv4/conf/all/rp_filter': ['0', '1', '2'],
  'net/ipv4/conf/default/rp_filter': ['0', '1', '2'],
  'net/ipv4/ip_local_port_range': ['32768 60999', '16384 65535', '1024 65535'],
  'net/ipv4/tcp_fin_timeout': ['60', '30', '15'],
  'net/ipv4/tcp_keepalive_time': ['7200', '300', '60'],
  'net/ipv4/tcp_rmem': ['4096 131072 6291456', '8192 65536 200000000'],
  'net/netfilter/nf_conntrack_max': ['65536', '4194304'],
  'vm/swappiness': ['60', '10', '1'],
};

/** Each key live as one of its values, and some of them in an administrator's file as another. */
const sysctls: fc.Arbitrary<Facts['sysctls']> = fc
  .record(
    Object.fromEntries(
      Object.entries(VALUES).map(([key, values]) => [
        key,
        fc.record({
          live: fc.constantFrom(...values),
          file: fc.option(fc.constantFrom(...values), {nil: undefined, freq: 2}),
        }),
      ]),
    ),
  )
  .map((chosen) => ({
    live: Object.fromEntries(Object.entries(chosen).map(([key, {live}]) => [key, {value: live}])),
    configured: Object.entries(chosen).flatMap(([key, {file}]) =>
      file === undefined ? [] : [{key, value: file, at: '/etc/sysctl.d/50-site.conf:1', ignoreErrors: false}],
    ),
  }));

const counter = fc.constantFrom({first: 0, last: 0}, {first: 5, last: 5}, {first: 5, last: 9});

const hosts: fc.Arbitrary<Facts> = fc
  .record({facts: machines, sysctls, dropped: counter, timeSqueeze: counter, missed: counter, overflows: counter})
  .map(({facts, sysctls: chosen, dropped, timeSqueeze, missed, overflows}) => ({
    ...facts,
    sysctls: chosen,
    evidence: {
      ...facts.evidence,
      softnet: {processed: {first: 0, last: 0}, dropped, timeSqueeze},
      listenOverflows: overflows,
      conntrack: {count: missed.last * 6553, max: 65_536},
      nics: Object.fromEntries(facts.nics.map(({name}) => [name, {rx_missed_errors: missed, rx_dropped: missed}])),
    },
  }));

/** linerate's own file of sysctls with all that the plan wants. */
const withOwnFile = (facts: Facts, plan: Plan): Facts => ({
  ...facts,
  sysctls: {
    ...facts.sysctls,
    configured: [
      ...facts.sysctls.configured,
      ...plan.settings.flatMap(({id, want}, index) =>
        id.startsWith('sysctl ')
          ? [
              {
                key: id.slice('sysctl '.length),
                value: want,
                at: `${OWN.sysctls}:${String(index + 1)}`,
                ignoreErrors: false,
              },
            ]
          : [],
      ),
    ],
  },
});

test('a plan that was applied and made to last is the plan that is made next, whatever the host held and counted', (t) => {
  fc.assert(
    fc.property(hosts, fc.constantFrom(...WORKLOADS), (facts, workload) => {
      const planNow = (now: Facts): Plan => planFor(now, SHEETS, {linerate_workload: workload});
      const first = planNow(facts);
      const live = appliedLive(facts, planNow);
      t.deepEqual(unsteady(first, planNow(live.facts), 'live', live.refused), []);
      const again = planNow(withOwnFile(live.facts, first));
      t.deepEqual(unsteady(first, again, 'live', live.refused), []);
      t.deepEqual(
        again.settings.filter(({id, pending}) => id.startsWith('sysctl ') && pending.length > 0).map(({id}) => id),
        [],
      );
    }),
    {numRuns: 80},
  );
});

const KEY = 'vm/swappiness';
const SET = `sysctl ${KEY}`;
const KNOWN = [{set: SET, what: 'x', default: '60', source: 'y'}];

/** `live`, and at the next boot what a file says: an administrator's, or linerate's own. */
const holding = (live: string, next?: string, at = '/etc/sysctl.d/site.conf:1'): Facts => ({
  ...exampleFacts(),
  sysctls: {
    live: {[KEY]: {value: live}},
    configured: next === undefined ? [] : [{key: KEY, value: next, at, ignoreErrors: false}],
  },
});

const outcome = (line: Partial<Line>, facts: Facts, knowledge = KNOWN): unknown => {
  const {settings} = planFor(facts, exampleSheets({workload: [{set: SET, ...line}], knowledge}));
  const [setting] = settings as readonly (Setting | undefined)[];
  return setting ? [setting.want, setting.pending.join(' ')] : 'not planned';
};

test('a ceiling never raises, and is pending at boot where the kernel is known to start above it', (t) => {
  const line = {noMoreThan: '10'};
  t.deepEqual(outcome(line, holding('60')), ['10', 'live boot']);
  t.deepEqual(outcome(line, holding('10')), ['10', 'boot']);
  t.deepEqual(outcome(line, holding('10'), []), ['10', '']);
  t.deepEqual(outcome(line, holding('1', '1')), ['1', '']);
  t.deepEqual(outcome(line, holding('60', '1')), ['1', 'live']);
  t.deepEqual(outcome(line, holding('10', '60')), ['10', 'boot']);
});

test('a floor that only a hand set is pending at boot where the kernel is known to start below it', (t) => {
  t.deepEqual(outcome({atLeast: '80'}, holding('80')), ['80', 'boot']);
  t.deepEqual(outcome({atLeast: '80'}, holding('80'), []), ['80', '']);
  t.deepEqual(outcome({atLeast: '50'}, holding('70')), ['70', '']);
});

test('a ceiling goes through a vector number by number', (t) => {
  const made = planFor(
    {...exampleFacts(), sysctls: {live: {'net/ipv4/tcp_rmem': {value: '4096 131072 6291456'}}, configured: []}},
    exampleSheets({workload: [{set: 'sysctl net/ipv4/tcp_rmem', noMoreThan: '8192 65536 6291456'}]}),
  );
  t.is(made.settings[0]?.want, '4096 65536 6291456');
});

test('what somebody chose, live or for the next boot, is left alone; what linerate itself made to last is not', (t) => {
  const line = {to: '10', insteadOf: ['60', '50']};
  t.deepEqual(outcome(line, holding('60')), ['10', 'live boot']);
  t.deepEqual(outcome(line, holding('50')), ['10', 'live boot']);
  t.is(outcome(line, holding('30')), 'not planned');
  t.is(outcome(line, holding('60', '30')), 'not planned');
  t.deepEqual(outcome(line, holding('60', '60')), ['10', 'live boot']);
  t.deepEqual(outcome(line, holding('10')), ['10', 'boot']);
  t.deepEqual(outcome(line, holding('10'), []), ['10', '']);
  t.is(outcome(line, holding('30', '10')), 'not planned');
  t.deepEqual(outcome(line, holding('30', '10', `${OWN.sysctls}:4`)), ['10', 'live']);
  t.deepEqual(
    outcome(line, holding('20', '20', `${OWN.sysctls}:4`)),
    ['10', 'live boot'],
    'as an earlier sheet had it',
  );
});

test('what counters asked for once stays where the host holds it live or in linerate’s own file', (t) => {
  const line = {atLeast: '80', seen: false};
  t.deepEqual(outcome({...line, seen: true}, holding('60')), ['80', 'live boot']);
  t.is(outcome(line, holding('60')), 'not planned');
  t.is(outcome(line, holding('60', '80')), 'not planned');
  t.deepEqual(outcome(line, holding('60', '80', `${OWN.sysctls}:4`)), ['80', 'live']);
  t.deepEqual(outcome(line, holding('80')), ['80', 'boot']);
  const ring = (now: number): readonly unknown[] =>
    planFor(
      exampleFacts({nics: [exampleNic({rings: {now: {rx: now}, max: {rx: 2048}}})]}),
      exampleSheets({workload: [{set: 'nic ring.rx', atLeast: '4096', seen: false}]}),
    ).settings.map(({want}) => want);
  t.deepEqual(ring(512), []);
  t.deepEqual(ring(2048), ['2048'], 'as much as the NIC can do');
});

test('of two ceilings of one layer the lower one holds, and a floor beside one is a contradiction', (t) => {
  const sheets = (more: Line): Sheets => exampleSheets({workload: [{set: SET, noMoreThan: '30'}, more]});
  const two = planFor(holding('60'), sheets({set: SET, noMoreThan: '10'}));
  t.deepEqual([two.settings[0]?.want, two.findings], ['10', []]);
  const both = planFor(holding('60'), sheets({set: SET, atLeast: '70'}));
  t.deepEqual(
    both.findings.map(({code}) => code),
    ['contradiction'],
  );
});

test('an inventory may ask for a ceiling too', (t) => {
  const asked = planFor(holding('60'), exampleSheets({}), {
    linerate_settings: {'sysctl vm.swappiness': {noMoreThan: 5}},
  });
  t.is(asked.settings[0]?.want, '5');
  const lower = planFor(holding('1'), exampleSheets({}), {
    linerate_settings: {'sysctl vm.swappiness': {noMoreThan: 5}},
  });
  t.is(lower.settings[0]?.want, '1');
});
