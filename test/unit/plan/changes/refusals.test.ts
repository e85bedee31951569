import test from 'ava';
import type {Facts} from '../../../../engine/facts/facts.ts';
import type {Plan, Setting} from '../../../../engine/model/setting.ts';
import {changesOf} from '../../../../engine/plan/changes/changes.ts';
import {irreversible, reversibleOnly} from '../../../../engine/plan/changes/irreversible.ts';
import {planHost} from '../../../../engine/plan/plan.ts';
import {parsePlanVariables} from '../../../../engine/plan/variables.ts';
import {exampleFacts, exampleNic, type NicShape} from '../../../support/facts.ts';
import {ALL_RULES, exampleSheets} from '../../../support/sheets.ts';

const planOf = (facts: Facts, wanted: Readonly<Record<string, string>>, sheets = exampleSheets({})): Plan =>
  planHost(
    'example',
    facts,
    sheets,
    parsePlanVariables({linerate_settings: wanted}, () => 'host_vars/example.yml'),
  );

const one = (shape: NicShape = {}): Facts => exampleFacts({nics: [exampleNic(shape)]});

const refused = (facts: Facts, plan: Plan, phase: 'devices' | 'queues' = 'devices'): readonly string[] =>
  changesOf(facts, plan, phase).blocks.map(({id, reason}) => `${id}: ${reason}`);

const SHRINK = {'nic ens1f0 channels.combined': '2', 'rss ens1f0': 'equal 2'};

test('channels stay where filters or a qdisc lead to the queues, and with them what was planned for others', (t) => {
  const ruled = one({ntupleRules: 3});
  t.deepEqual(refused(ruled, planOf(ruled, SHRINK)), [
    'nic ens1f0 channels.combined: 3 ntuple rules of ens1f0 may lead to queues that would go',
    'rss ens1f0: is meant for channels that the NIC does not have',
  ]);
  t.deepEqual(refused(ruled, planOf(ruled, {'nic ens1f0 channels.combined': '8'})), []);
  const classes = one({qdisc: 'mqprio'});
  t.deepEqual(refused(classes, planOf(classes, {'nic ens1f0 channels.combined': '8'})), [
    'nic ens1f0 channels.combined: mqprio of ens1f0 maps traffic to its queues',
  ]);
});

test('as long as channels are not as planned, nothing is pinned to them', (t) => {
  const facts = one({queues: 8});
  const plan = planOf(facts, {}, exampleSheets({workload: ALL_RULES}));
  t.true(plan.settings.some(({id, pending}) => id === 'nic ens1f0 channels.combined' && pending.includes('live')));
  const {changes, blocks} = changesOf(facts, plan, 'queues');
  t.deepEqual(changes, []);
  t.is(
    blocks.length,
    plan.settings.filter(({id, pending}) => /^(?:irq|queue) /.test(id) && pending.includes('live')).length,
  );
  t.true(blocks.every(({reason}) => reason === 'is meant for channels that the NIC does not have'));
});

test('a table that leads to more queues than there will be', (t) => {
  const facts = one({queues: 4});
  t.deepEqual(refused(facts, planOf(facts, {'rss ens1f0': 'equal 8'})), [
    'rss ens1f0: leads to 8 queues, and ens1f0 will have 4',
  ]);
  t.deepEqual(refused(facts, planOf(facts, {'rss ens1f0': 'equal 8', 'nic ens1f0 channels.combined': '8'})), []);
});

test('no reset where the CPUs of the interrupts cannot be read; interrupts of the kernel’s own do not count', (t) => {
  const {irqs} = exampleNic();
  const facts = one({irqs: irqs.map((irq) => ({...irq, affinity: {unknown: 'Permission denied'}}))});
  t.deepEqual(refused(facts, planOf(facts, {'nic ens1f0 ring.rx': '4096', 'nic ens1f0 coalesce.rx-usecs-high': '9'})), [
    'nic ens1f0 ring.rx: the CPUs of its interrupts could not be read, so that an undo would not bring them back',
  ]);
  const managed = one({irqs: irqs.map((irq) => ({...irq, managed: true, affinity: {unknown: 'Permission denied'}}))});
  t.deepEqual(refused(managed, planOf(managed, {'nic ens1f0 ring.rx': '4096'})), []);
});

test('queues and interrupts that are not there, or have no name', (t) => {
  const facts = one({irqs: exampleNic().irqs.map((irq) => ({...irq, name: ''}))});
  const wanted: Setting = {
    id: 'irq ens1f0 rx-tx-0',
    live: {value: '0'},
    boot: {held: 'default'},
    want: '1',
    pending: ['live'],
    why: 'a test',
    source: 'a test',
    from: {layer: 'topology', at: 'a test'},
    effect: 'live',
    undo: 'exact',
  };
  const plan = (setting: Setting): Plan => ({...planOf(facts, {}), settings: [setting]});
  t.deepEqual(refused(facts, plan(wanted), 'queues'), ['irq ens1f0 rx-tx-0: its interrupt has no name to find it by']);
  t.deepEqual(refused(facts, plan({...wanted, id: 'queue ens1f0 rx-9 rps', live: 'absent'}), 'queues'), [
    'queue ens1f0 rx-9 rps: ens1f0 has no rx-9 now',
  ]);
});

test('a parameter that disturbs others is refused where those were not read', (t) => {
  const live = {'net/ipv4/ip_forward': {value: '0'}};
  const facts = exampleFacts({nics: [], sysctls: {configured: [], live}});
  t.deepEqual(refused(facts, planOf(facts, {'sysctl net.ipv4.ip_forward': '1'})), [
    'sysctl net/ipv4/ip_forward: what it holds now, or what it would disturb, could not be read, so that an undo would not bring it back',
  ]);
});

test('without systemd irqbalance is not told to leave interrupts alone', (t) => {
  const facts = exampleFacts({services: {services: [{name: 'irqbalance', active: true}], files: []}});
  const other = {...facts, os: {...facts.os, init: 'other' as const}};
  const ban = {'service irqbalance ban.ice': 'banned'};
  t.is(changesOf(facts, planOf(facts, ban), 'devices').changes.length, 1);
  t.deepEqual(refused(other, planOf(other, ban)), [
    'service irqbalance ban.ice: nothing here sets it while the host runs',
  ]);
});

test('what no undo brings back exactly needs permission, and with a NIC’s channels all that was planned for them', (t) => {
  const slots = Array.from({length: 128}, (_, slot) => (slot * slot) % 3);
  const facts = exampleFacts({
    nics: [
      exampleNic({name: 'eth0', firstIrq: 100, rss: {slots, keyBytes: 52, functions: []}}),
      exampleNic({name: 'eth1', firstIrq: 200}),
    ],
  });
  const plan = planOf(facts, {
    'boot isolcpus': '2-3',
    'sysctl kernel.unprivileged_bpf_disabled': '1',
    'sysctl vm.swappiness': '10',
    'nic eth0 channels.combined': '2',
    'nic eth0 ring.rx': '4096',
    'rss eth0': 'equal 2',
    'irq eth0 rx-tx-0': '1',
    'nic eth1 channels.combined': '2',
    'rss eth1': 'equal 2',
  });
  t.deepEqual(
    irreversible(plan).map(({id, reason}) => `${id}: ${reason}`),
    [
      'sysctl kernel/unprivileged_bpf_disabled: nothing brings back what is there now',
      'nic eth0 channels.combined: what is there now could be brought back only in part',
      'rss eth0: what is there now could be brought back only in part',
      'irq eth0 rx-tx-0: is planned for channels that could not be undone exactly',
    ],
  );
  const allowed = reversibleOnly(plan);
  t.deepEqual(
    changesOf(facts, allowed, 'devices').changes.map(({id}) => id),
    ['sysctl vm/swappiness', 'nic eth0 ring.rx', 'nic eth1 channels.combined', 'rss eth1'],
  );
  t.is(allowed.settings.length + irreversible(plan).length, plan.settings.length);
  t.deepEqual(changesOf(facts, plan, 'devices').changes.find(({id}) => id.endsWith('bpf_disabled'))?.undo, []);
});
