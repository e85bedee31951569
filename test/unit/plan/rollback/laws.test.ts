import test from 'ava';
import fc from 'fast-check';
import type {Facts} from '../../../../engine/facts/facts.ts';
import type {Change} from '../../../../engine/model/change.ts';
import {changesOf} from '../../../../engine/plan/changes/changes.ts';
import {reversibleOnly} from '../../../../engine/plan/changes/irreversible.ts';
import {planHost} from '../../../../engine/plan/plan.ts';
import {appliesOf} from '../../../../engine/plan/rollback/applies.ts';
import {withReckoned} from '../../../../engine/plan/rollback/reckoned.ts';
import {rollbackPlan} from '../../../../engine/plan/rollback/rollback-plan.ts';
import {parsePlanVariables} from '../../../../engine/plan/variables.ts';
import {journalsOf} from '../../../support/journals.ts';
import {machines} from '../../../support/machine-arbitrary.ts';
import {ALL_RULES, exampleSheets, type Line} from '../../../support/sheets.ts';
import {carryOutSteps} from '../../../support/steps/carry-out.ts';
import {differences, factsNow, shown, stepHost, type StepHost} from '../../../support/steps/host.ts';

const PHASES = ['devices', 'queues'] as const;

// What the kernel works out at boot, and what somebody may have set.
const RESERVES = fc.constantFrom('48240', '10000', '90000');

const withReserve = (facts: Facts, reserve: string): Facts => ({
  ...facts,
  sysctls: {...facts.sysctls, live: {...facts.sysctls.live, 'vm/min_free_kbytes': {value: reserve}}},
});

const NONE = parsePlanVariables({}, () => undefined);

const WISHES: readonly Line[] = [
  ...ALL_RULES,
  {set: 'nic ring.rx', to: 'max'},
  {set: 'nic coalesce.adaptive-rx', to: 'off'},
  {set: 'nic coalesce.tx-usecs', to: '64'},
  {set: 'nic feature.tcp-segmentation-offload', to: 'off'},
  {set: 'nic feature.ntuple-filters', to: 'on'},
  {set: 'nic pause.autonegotiate', to: 'off'},
  {set: 'nic mtu', to: '9000'},
  {set: 'nic txqueuelen', to: '10000'},
  {set: 'sysctl net.core.somaxconn', to: '65535'},
  {set: 'sysctl net.ipv4.tcp_rmem', to: '4096 131072 67108864'},
  {set: 'cpu governor', to: 'performance'},
  {set: 'thp enabled', to: 'never'},
  {set: 'hugepages each 2048kB', to: '64'},
];

const carryOut = (host: StepHost, changes: readonly Change[]): readonly Change[] => {
  carryOutSteps(
    host,
    changes.flatMap(({steps}) => steps),
  );
  return changes;
};

test('whatever machine and wishes: apply, then what its journal says, and the host is as it was', (t) => {
  fc.assert(
    fc.property(machines, RESERVES, fc.subarray([...WISHES], {minLength: 1}), (facts, reserve, workload) => {
      const host = stepHost(withReserve(facts, reserve));
      const before = shown(host);
      const sheets = exampleSheets({workload});
      const parts = PHASES.map((phase) => {
        const now = factsNow(host);
        return carryOut(host, changesOf(now, reversibleOnly(planHost('host', now, sheets, NONE)), phase).changes);
      });
      const [apply] = appliesOf(journalsOf('20261120T100000Z-abcdef', parts));
      if (!apply) return t.fail('there is no apply');
      t.deepEqual(rollbackPlan('host', factsNow(host), apply).conflicts, []);
      for (const phase of PHASES) {
        const now = factsNow(host);
        carryOut(host, withReckoned(apply, changesOf(now, rollbackPlan('host', now, apply).plan, phase).changes));
      }
      t.deepEqual(differences(before, shown(host)), []);
    }),
    {numRuns: 60},
  );
});
