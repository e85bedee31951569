import test from 'ava';

import {canonicalAddress, isNicAddress} from '../../../engine/plan/sheet-address.ts';

const same = test.macro((t, address: string) => t.is(canonicalAddress(address), address));

for (const address of [
  'sysctl net/ipv4/conf/eth0.5/rp_filter',
  'cpu governor',
  'cpu max-idle-latency',
  'cpu smt',
  'thp enabled',
  'hugepages each 2048kB',
  'hugepages 8 1048576kB',
  'boot intel_idle.max_cstate',
  'module nf_conntrack hashsize',
  'limit nofile',
  'mount /sys/fs/bpf',
  'nic ring.rx-jumbo',
  'nic channels.combined',
  'nic coalesce.rx-usecs-high',
  'nic feature.large-receive-offload',
  'nic private.rx_cqe_compress',
  'nic pause.rx',
  'nic bql.limit_min',
  'nic threaded',
  'rule irqbalance',
])
  test(`an address: ${address}`, same, address);

const none = test.macro((t, address: string) => t.is(canonicalAddress(address), undefined));

for (const address of [
  '',
  'sysctl',
  'sysctl somaxconn',
  'cpu governer',
  'nic',
  'nic ring.xr',
  'nic eth0 ring.rx',
  'rule irqs',
  'hugepages all 2048kB',
  'hugepages 0 2M',
  'boot isolcpus=1',
  'mount sys/fs/bpf',
  'limit nproc',
  'toString x',
])
  test(`no address: "${address}"`, none, address);

test('sysctl keys are turned to slashes, as sysctl.d(5) reads them', (t) => {
  t.is(canonicalAddress('sysctl net.core.somaxconn'), 'sysctl net/core/somaxconn');
  t.is(canonicalAddress('sysctl net.ipv4.conf.eth0/5.rp_filter'), 'sysctl net/ipv4/conf/eth0.5/rp_filter');
  t.is(canonicalAddress('  sysctl   vm.swappiness '), 'sysctl vm/swappiness');
});

test('nic and rule addresses are those of each NIC', (t) => {
  t.true(isNicAddress('nic ring.rx'));
  t.true(isNicAddress('rule irq'));
  t.false(isNicAddress('sysctl net/core/somaxconn'));
});
