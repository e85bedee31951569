import test from 'ava';
import type {Plan, Setting} from '../../../engine/model/setting.ts';
import {foldSettings} from '../../../engine/plan/fold.ts';
import {planSentences} from '../../../engine/plan/sentences.ts';

const setting = (id: string, live: string, want: string, more: Partial<Setting> = {}): Setting => ({
  id,
  live: {value: live},
  boot: {held: 'default'},
  want,
  pending: live === want ? [] : ['live', 'boot'],
  why: 'because',
  source: 'a document',
  from: {layer: 'workload', at: 'templates/workloads/balanced.yaml.hbs:1'},
  effect: 'live',
  undo: 'exact',
  ...more,
});

const planOf = (settings: readonly Setting[]): Plan => ({
  host: 'h',
  workload: 'balanced',
  settings,
  blocks: [],
  findings: [],
  managementPath: [],
});

test("a NIC's queue IRQs are one sentence that tells their spread", (t) => {
  const irqs = Array.from({length: 4}, (_, index) =>
    setting(`irq ens1f0 rx-tx-${String(index)}`, '0', String(index + 4)),
  );
  t.deepEqual(planSentences(planOf(irqs)), [
    'ens1f0 4 queue IRQs: all on CPU 0 (next boot: default) → one per CPU (CPUs 4-7)',
  ]);
});

test('other vectors and other NICs stay apart from queue IRQs', (t) => {
  const rows = foldSettings([
    setting('irq ens1f0 rx-tx-0', '0', '1'),
    setting('irq ens1f0 other-0', '0', '2'),
    setting('irq ens2f0 rx-tx-0', '0', '3'),
    setting('irq ens1f0 rx-tx-1', '0', '4'),
  ]);
  t.deepEqual(
    rows.map((row) => [row.subject, row.label, row.settings.length]),
    [
      ['ens1f0', '2 queue IRQs', 2],
      ['ens1f0', 'other IRQ', 1],
      ['ens2f0', 'queue IRQ', 1],
    ],
  );
});

test('of queues that come with more channels, live and next boot tell only those that are there', (t) => {
  const irqs = Array.from({length: 4}, (_, index) => {
    const id = `irq ens1f0 rx-tx-${String(index)}`;
    return index < 2
      ? setting(id, '0', String(index + 4), {boot: {held: {value: '0-3'}}})
      : setting(id, '', String(index + 4), {live: 'absent'});
  });
  t.deepEqual(planSentences(planOf(irqs)), [
    'ens1f0 4 queue IRQs: all on CPU 0; 2 to come (next boot: all on CPUs 0-3; 2 to come) → one per CPU (CPUs 4-7)',
  ]);
  const held = irqs.map((one, index): Setting => ({...one, boot: {held: {value: String(index + 4)}}}));
  t.deepEqual(planSentences(planOf(held)), [
    'ens1f0 4 queue IRQs: all on CPU 0; 2 to come (next boot: one per CPU (CPUs 4-7)) → one per CPU (CPUs 4-7)',
  ]);
  const steering = [0, 1].map((queue) =>
    setting(`queue eth0 rx-${String(queue)} rfs`, '0', '16384', queue === 0 ? {} : {live: 'absent'}),
  );
  t.deepEqual(planSentences(planOf(steering)), [
    'eth0 2 rx queues RFS entries: 0; 1 to come (next boot: default) → 16384',
  ]);
});

test('queue masks fold by attribute, and are told as CPUs', (t) => {
  const rows = foldSettings([
    ...[0, 1].map((queue) => setting(`queue eth0 rx-${String(queue)} rps`, '0', 'f')),
    ...[0, 1].map((queue) => setting(`queue eth0 rx-${String(queue)} rfs`, '0', '16384')),
    ...[0, 1].map((queue) => setting(`queue eth0 tx-${String(queue)} xps`, '0', queue === 0 ? '3' : 'c')),
  ]);
  t.deepEqual(
    rows.map((row) => [row.label, row.live, row.want]),
    [
      ['2 rx queues RPS', 'off', 'all on CPUs 0-3'],
      ['2 rx queues RFS entries', '0', '16384'],
      ['2 tx queues XPS', 'off', 'shared out evenly over CPUs 0-3'],
    ],
  );
});

test('nothing of a setting is lost by folding: each is in exactly one row', (t) => {
  const settings = [
    setting('sysctl net/core/somaxconn', '128', '4096'),
    ...Array.from({length: 32}, (_, index) => setting(`irq eth0 rx-tx-${String(index)}`, '0', String(index))),
    ...Array.from({length: 32}, (_, index) => setting(`queue eth0 tx-${String(index)} xps`, '0', '1')),
    setting('nic eth0 ring.rx', '512', '4096', {
      effect: 'link-flap',
      limit: "asked for 8192, the NIC's maximum is 4096",
    }),
  ];
  const ids = foldSettings(settings).flatMap((row) => row.settings.map((one) => one.id));
  t.deepEqual([...ids].sort(), settings.map((one) => one.id).sort());
});

test('sentences tell what a change disturbs, its limit, and what only lacks a file', (t) => {
  const sentences = planSentences(
    planOf([
      setting('nic eth0 ring.rx', '512', '4096', {effect: 'link-flap', management: true, limit: 'the maximum is 4096'}),
      setting('sysctl net/core/somaxconn', '4096', '4096', {
        pending: ['boot'],
        boot: {held: {value: '128'}, by: '/etc/sysctl.d/x.conf:1'},
      }),
      setting('sysctl net/ipv4/tcp_rmem', '4096 131072 6291456', '4096 131072 6291456'),
      setting('boot iommu', '', 'pt', {live: 'absent', boot: {held: 'absent'}, effect: 'reboot'}),
    ]),
  );
  t.deepEqual(sentences, [
    'eth0 ring rx: 512 (next boot: default) → 4096 [link-flap; management path; the maximum is 4096]',
    'net.core.somaxconn: 4096 (next boot: 128) → 4096 [not persistent]',
    'iommu=: absent → pt [reboot]',
  ]);
});
