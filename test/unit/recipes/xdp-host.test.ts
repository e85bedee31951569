import test from 'ava';
import type {Facts} from '../../../engine/facts/facts.ts';
import type {Plan} from '../../../engine/model/setting.ts';
import {exampleFacts, exampleNic} from '../../support/facts.ts';
import {recipeOn} from '../../support/recipe-plans.ts';

const FEATURES = {
  'large-receive-offload': {on: true, fixed: false},
  'rx-gro-hw': {on: false, fixed: true},
  'generic-receive-offload': {on: true, fixed: false},
};

const host = (driver: string, mtu: number): Facts => {
  const channels = {now: {combined: 8}, max: {combined: 8}};
  return exampleFacts({nics: [exampleNic({name: 'ens5', driver, mtu, features: FEATURES, channels, queues: 8})]});
};

const wanted = (plan: Plan): Readonly<Record<string, string>> =>
  Object.fromEntries(plan.settings.filter(({phase}) => phase === 'devices').map(({id, want}) => [id, want]));

const planOf = async (facts: Facts, parameters: Readonly<Record<string, unknown>> = {}): Promise<Plan> =>
  (await recipeOn('xdp-host', {nics: ['ens5'], ...parameters})).plan(facts);

test('on EC2 the MTU comes down, half of the queues are left to XDP, and nothing is merged', async (t) => {
  const want = wanted(await planOf(host('ena', 9001)));
  t.is(want['nic ens5 mtu'], '3498');
  t.is(want['nic ens5 channels.combined'], '4');
  t.is(want['nic ens5 feature.large-receive-offload'], 'off');
  t.false('nic ens5 feature.rx-gro-hw' in want, 'the NIC cannot do that');
  t.is(want['limit memlock'], 'unlimited');
});

test('an MTU that the driver takes, a program of several buffers, and an MTU of one’s own', async (t) => {
  const pending = (plan: Plan): readonly string[] =>
    plan.settings.filter(({id, pending: layers}) => id.endsWith(' mtu') && layers.length > 0).map(({want}) => want);
  t.deepEqual(pending(await planOf(host('ena', 1500))), []);
  t.deepEqual(pending(await planOf(host('ena', 9001), {frags: true})), []);
  t.deepEqual(pending(await planOf(host('ice', 9000), {mtu: 2000})), ['2000']);
  t.deepEqual(pending(await planOf(host('mlx5_core', 9000))), [], 'nobody has told us its limit');
});

test('busy polling is asked for by name; kernel.unprivileged_bpf_disabled stays as it is', async (t) => {
  t.false('nic ens5 napi_defer_hard_irqs' in wanted(await planOf(host('ice', 1500))));
  const plan = await planOf(host('ice', 1500), {busyPoll: true});
  t.like(wanted(plan), {'nic ens5 napi_defer_hard_irqs': '2', 'nic ens5 gro_flush_timeout': '200000'});
  t.false(plan.settings.some(({id}) => id === 'sysctl kernel/unprivileged_bpf_disabled'));
});

test('a NIC that is not there is an error that names those that are', async (t) => {
  const recipe = await recipeOn('xdp-host', {nics: ['ens9']});
  t.throws(() => recipe.plan(host('ice', 1500)), {message: 'this host has no NIC "ens9"'});
});
