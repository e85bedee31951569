import test from 'ava';
import type {Facts} from '../../../../engine/facts/facts.ts';
import {changesOf} from '../../../../engine/plan/changes/changes.ts';
import {reversibleOnly} from '../../../../engine/plan/changes/irreversible.ts';
import type {Phase} from '../../../../engine/plan/changes/order.ts';
import {factsOf, planOf} from '../../../support/generated/fixtures.ts';
import {carryOutSteps} from '../../../support/steps/carry-out.ts';
import {copyOf, differences, factsNow, shown, stepHost} from '../../../support/steps/host.ts';

const changes = (name: string, facts: Facts, phase: Phase) =>
  changesOf(facts, reversibleOnly(planOf(name, facts)), phase);

// Of all hosts those that an apply does most to: each takes a second to make.
const HOSTS = ['ec2-ena', 'fought-over', 'mlx5-100g', 'rhel-7', 'router-lro'];

for (const name of HOSTS) {
  test(`${name}: an apply gives all that the plan wants live, and the undo of each phase the host as it was`, (t) => {
    const host = stepHost(factsOf(name));
    for (const phase of ['devices', 'queues'] as const) {
      const before = shown(host);
      const {changes: asked, blocks} = changes(name, factsNow(host), phase);
      t.deepEqual(blocks, []);
      const steps = asked.flatMap((change) => change.steps);
      const undone = copyOf(host);
      carryOutSteps(undone, [...steps, ...asked.toReversed().flatMap(({undo}) => undo)]);
      t.deepEqual(differences(before, shown(undone)), []);
      carryOutSteps(host, steps);
      t.deepEqual(changes(name, factsNow(host), phase).changes, []);
    }
  });
}
