import test from 'ava';
import type {Facts} from '../../../engine/facts/facts.ts';
import {kindOf} from '../../../engine/resources/kinds.ts';
import {splitId} from '../../../engine/resources/lookup.ts';
import {rssSlots} from '../../../engine/resources/rss-table.ts';
import {exampleFacts, exampleMachine, exampleNic} from '../../support/facts.ts';
import {carryOutSteps} from '../../support/steps/carry-out.ts';
import {differences, factsNow, shown, stepHost} from '../../support/steps/host.ts';
import {said} from '../../support/steps/said.ts';

const steps = (facts: Facts, id: string, want: string) => {
  const {kind, rest} = splitId(id);
  return kindOf(kind)?.steps?.(facts, rest, want);
};

const restore = (facts: Facts, id: string, want: string) => {
  const {kind, rest} = splitId(id);
  return kindOf(kind)?.restore?.(facts, rest, want);
};

const live = (facts: Facts, id: string) => {
  const {kind, rest} = splitId(id);
  return kindOf(kind)?.live(facts, rest);
};

/** What a host shows otherwise after a change and its undo; throws where the change did not give what was wanted. */
const lostBy = (facts: Facts, id: string, want: string): readonly string[] => {
  const host = stepHost(facts);
  const before = shown(host);
  carryOutSteps(host, steps(facts, id, want) ?? []);
  const held = live(factsNow(host), id);
  const {kind, rest} = splitId(id);
  const isWanted = typeof held === 'object' && 'value' in held && kindOf(kind)?.same(facts, rest, held.value, want);
  if (!isWanted) throw new Error(`${id}: ${JSON.stringify(held)}`);
  carryOutSteps(host, restore(facts, id, want) ?? []);
  return differences(before, shown(host));
};

const withSysctls = (values: Readonly<Record<string, string>>, given: Partial<Facts> = {}): Facts =>
  exampleFacts({
    ...given,
    sysctls: {configured: [], live: Object.fromEntries(Object.entries(values).map(([key, value]) => [key, {value}]))},
  });

test('forwarding comes back with all that it resets: per-interface conf and large receive offload', (t) => {
  const features = {'large-receive-offload': {on: true, fixed: false}};
  const facts = withSysctls(
    {
      'net/ipv4/ip_forward': '0',
      'net/ipv4/conf/all/accept_redirects': '1',
      'net/ipv4/conf/all/forwarding': '0',
      'net/ipv4/conf/default/forwarding': '0',
      'net/ipv4/conf/eth0.5/forwarding': '1',
      'net/ipv4/conf/eth0/forwarding': '0',
    },
    {nics: [exampleNic({features, affinity: [2]})]},
  );
  t.deepEqual(lostBy(facts, 'sysctl net/ipv4/ip_forward', '1'), []);
  t.deepEqual(steps(facts, 'sysctl net/ipv4/ip_forward', '1')?.map(said), ['1 > /proc/sys/net/ipv4/ip_forward']);
});

test('of a pair of parameters the one that ruled comes back', (t) => {
  const ratio = withSysctls({'vm/dirty_bytes': '0', 'vm/dirty_ratio': '20'});
  t.deepEqual(lostBy(ratio, 'sysctl vm/dirty_bytes', '1048576'), []);
  const bytes = withSysctls({'vm/dirty_bytes': '1048576', 'vm/dirty_ratio': '0'});
  t.deepEqual(lostBy(bytes, 'sysctl vm/dirty_ratio', '10'), []);
  t.deepEqual(lostBy(bytes, 'sysctl vm/dirty_bytes', '65536'), []);
});

test('governors and C-states that differ come back as they were', (t) => {
  const power = {
    ...exampleFacts().power,
    governors: {policy0: 'schedutil', policy1: 'performance', cpu2: 'schedutil'},
    idleStates: [
      {name: 'POLL', latencyUs: 0, disabled: false},
      {name: 'C1', latencyUs: 2, disabled: true},
      {name: 'C6', latencyUs: 133, disabled: false},
    ],
  };
  const facts = exampleFacts({power});
  t.deepEqual(lostBy(facts, 'cpu governor', 'performance'), []);
  t.is(steps(facts, 'cpu governor', 'schedutil performance'), undefined);
  t.deepEqual(steps(facts, 'cpu max-idle-latency', '10')?.length, 2 * facts.cpu.online.length);
  const host = stepHost(facts);
  carryOutSteps(host, steps(facts, 'cpu max-idle-latency', '10') ?? []);
  t.deepEqual(live(factsNow(host), 'cpu max-idle-latency'), {value: '2'});
  carryOutSteps(host, restore(facts, 'cpu max-idle-latency', '10') ?? []);
  t.deepEqual(factsNow(host).power, power);
});

test('hugepages go to the node’s own pool, on a machine of one node to the machine’s', (t) => {
  t.deepEqual(
    steps(exampleFacts(exampleMachine({sockets: 2, nodes: [0, 4]})), 'hugepages 4 1048576kB', '3')?.map(said),
    ['3 > /sys/devices/system/node/node4/hugepages/hugepages-1048576kB/nr_hugepages'],
  );
  t.deepEqual(steps(exampleFacts(), 'hugepages 0 2048kB', '3')?.map(said), [
    '3 > /sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages',
  ]);
});

test('a mount and a module go as they came; a module that is there takes its options at the next load', (t) => {
  const facts = exampleFacts();
  t.deepEqual(lostBy(facts, 'mount /mnt/huge', 'hugetlbfs'), []);
  t.deepEqual(lostBy(facts, 'module nf_conntrack hashsize', '65536'), []);
  t.is(steps(facts, 'module ice something', '1'), undefined);
  t.is(steps(facts, 'boot isolcpus', '1'), undefined);
  t.is(steps(facts, 'limit nofile', '1'), undefined);
});

const withIrqbalance = (irqbalance: Facts['services']['irqbalance'], active = true): Facts =>
  exampleFacts({
    services: {services: [{name: 'irqbalance', active, enabled: true}], files: [], ...(irqbalance ? {irqbalance} : {})},
  });

test('irqbalance is told by a drop-in below /run, and keeps what it was run with', (t) => {
  const facts = withIrqbalance({at: '/etc/default/irqbalance', arguments: '--deepestcache=2 --banmod=ixgbe'});
  t.deepEqual(live(facts, 'service irqbalance ban.ixgbe'), {value: 'banned'});
  t.deepEqual(lostBy(facts, 'service irqbalance ban.ice', 'banned'), []);
  t.deepEqual(lostBy(facts, 'service irqbalance ban.ixgbe', 'balanced'), []);
  t.deepEqual(lostBy(withIrqbalance(undefined), 'service irqbalance ban.ice', 'banned'), []);
  const banned = withIrqbalance({liveArguments: '--banmod=ena'});
  t.deepEqual(live(banned, 'service irqbalance ban.ena'), {value: 'banned'});
  t.deepEqual(lostBy(banned, 'service irqbalance ban.ice', 'banned'), []);
  const put = steps(facts, 'service irqbalance ban.ice', 'banned')?.find((step) => step.do === 'put');
  t.is(put?.text.split('\n')[0], 'IRQBALANCE_ARGS="--deepestcache=2 --banmod=ixgbe --banmod=ice"');
});

test('arguments in quotes stay what they are', (t) => {
  const facts = withIrqbalance({arguments: String.raw`--policyscript="/etc/a b" \$HOME` + ' `x`'});
  const put = steps(facts, 'service irqbalance ban.ice', 'banned')?.find((step) => step.do === 'put');
  t.is(put?.text.split('\n')[0], String.raw`IRQBALANCE_ARGS="--policyscript=\"/etc/a b\" \\\$HOME \`x\` --banmod=ice"`);
});

test('a service is stopped and started as it was, with systemd and without', (t) => {
  const facts = withIrqbalance(undefined);
  const other = {...facts, os: {...facts.os, init: 'other' as const}};
  t.deepEqual(lostBy(facts, 'service irqbalance', 'stopped'), []);
  t.deepEqual(lostBy(other, 'service irqbalance', 'stopped'), []);
  t.deepEqual(lostBy(withIrqbalance(undefined, false), 'service irqbalance', 'running'), []);
});

test('the words for a table make the table that ethtool makes', (t) => {
  t.deepEqual(rssSlots('equal 3', 8), [0, 1, 2, 0, 1, 2, 0, 1]);
  t.deepEqual(rssSlots('weight 1 1', 8), [0, 0, 0, 0, 1, 1, 1, 1]);
  t.deepEqual(rssSlots('weight 6 0 2', 8), [0, 0, 0, 0, 0, 0, 2, 2]);
  t.deepEqual(rssSlots('weight 3 5', 8), [0, 0, 0, 1, 1, 1, 1, 1]);
});
