import test from 'ava';
import type {Facts} from '../../../../engine/facts/facts.ts';
import type {Frames} from '../../../../engine/facts/frames.ts';
import type {Change} from '../../../../engine/model/change.ts';
import {changesOf} from '../../../../engine/plan/changes/changes.ts';
import {reversibleOnly} from '../../../../engine/plan/changes/irreversible.ts';
import type {Phase} from '../../../../engine/plan/changes/order.ts';
import {appliesOf, type Apply} from '../../../../engine/plan/rollback/applies.ts';
import {withFilesBack} from '../../../../engine/plan/rollback/files.ts';
import {rollbackPlan} from '../../../../engine/plan/rollback/rollback-plan.ts';
import {factsOf, planOf} from '../../../support/generated/fixtures.ts';
import {journalsOf, NO_FRAMES} from '../../../support/journals.ts';
import {carryOutSteps} from '../../../support/steps/carry-out.ts';
import {differences, factsNow, shown, stepHost, type StepHost} from '../../../support/steps/host.ts';

const PHASES = ['devices', 'queues'] as const;

const carryOut = (host: StepHost, changes: readonly Change[]): readonly Change[] => {
  carryOutSteps(
    host,
    changes.flatMap(({steps}) => steps),
  );
  return changes;
};

const applied = (host: StepHost, changesNow: (facts: Facts, phase: Phase) => readonly Change[]): Apply => {
  const parts = PHASES.map((phase) => carryOut(host, changesNow(factsNow(host), phase)));
  const [apply] = appliesOf(journalsOf('20261120T100000Z-abcdef', parts));
  if (!apply) throw new Error('there is no apply');
  return apply;
};

/** What the journals kept of files that were not there. */
const nothingThere = ({runs}: Apply): Frames => ({
  ...NO_FRAMES,
  runs: new Map(
    runs.flatMap(({folder, files}) =>
      files.map((_, place) => [`kept ${folder}/before/${String(place)}`, {status: 0, output: 'absent'}] as const),
    ),
  ),
});

// Channels and all that hangs on them; irqbalance's files; offloads.
for (const name of ['mlx5-100g', 'rhel-7', 'router-lro'])
  test(`${name}: the journal of an apply alone brings the host back as it was`, (t) => {
    const host = stepHost(factsOf(name));
    const before = shown(host);
    const apply = applied(host, (facts, phase) => changesOf(facts, reversibleOnly(planOf(name, facts)), phase).changes);
    t.notDeepEqual(differences(before, shown(host)), []);
    for (const phase of PHASES) {
      const facts = factsNow(host);
      const {plan, conflicts} = rollbackPlan(name, facts, apply);
      // What the first phase resets is nobody else's change.
      if (phase === 'devices') t.deepEqual(conflicts, []);
      const {changes, blocks} = changesOf(facts, plan, phase);
      t.deepEqual(blocks, []);
      carryOut(host, withFilesBack(nothingThere(apply), apply, changes));
    }
    t.deepEqual(differences(before, shown(host)), []);
    t.deepEqual(rollbackPlan(name, factsNow(host), apply).plan.settings, []);
  });
