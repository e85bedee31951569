import test from 'ava';

import {loadSheets} from '../../../engine/catalogue/sheets.ts';

const {folklore, knowledge, workloads} = loadSheets();
const known = new Set(knowledge.map(({set}) => set));

test('each setting is explained once', (t) => {
  t.is(known.size, knowledge.length);
});

test('all that folklore names is explained', (t) => {
  for (const {set} of folklore) t.true(known.has(set), set);
});

test('a folklore row has an address and condition of its own, and known workloads', (t) => {
  const keys = folklore.map(({set, when}) => `${set} ${when}`);
  t.is(new Set(keys).size, keys.length);
  for (const row of folklore) for (const workload of row.workloads ?? []) t.true(workloads.has(workload), row.set);
});

test('messages, hints and explanations are sentences without a full stop', (t) => {
  const texts = [
    ...folklore.flatMap(({message, hint}) => [message, ...(hint === undefined ? [] : [hint])]),
    ...knowledge.flatMap(({what, cost}) => [what, ...(cost === undefined ? [] : [cost])]),
  ];
  for (const text of texts) t.regex(text, /^\S[^\n]*[^.\s]$/);
});

/** What a networking guide and a classic tuning script set: each is set by some sheet, or at least explained. */
const LISTS: Readonly<Record<string, string>> = {
  'the networking guide': `
    sysctl net/core/rmem_max, sysctl net/core/wmem_max, sysctl net/ipv4/tcp_rmem, sysctl net/ipv4/tcp_wmem,
    sysctl net/core/netdev_max_backlog, sysctl net/netfilter/nf_conntrack_max, sysctl net/ipv4/tcp_tw_reuse,
    sysctl net/ipv4/tcp_fin_timeout, sysctl net/ipv4/tcp_keepalive_time, sysctl net/core/rps_sock_flow_entries,
    rule irq, rule rss, rule rps, rule rfs, rule xps, nic feature.ntuple-filters`,
  'the classic tuning script': `
    sysctl net/core/somaxconn, sysctl net/ipv4/tcp_max_syn_backlog, sysctl vm/swappiness, limit nofile, cpu governor,
    thp enabled, sysctl kernel/io_uring_disabled, nic feature.tcp-segmentation-offload,
    nic feature.generic-segmentation-offload, nic feature.generic-receive-offload, nic ring.rx, nic ring.tx,
    nic coalesce.adaptive-rx, hugepages each 2048kB, hugepages each 1048576kB, mount /sys/fs/bpf, limit memlock, cpu smt,
    nic private.flow-director-atr, sysctl net/core/default_qdisc, sysctl net/ipv4/tcp_congestion_control`,
};

for (const [name, list] of Object.entries(LISTS))
  test(`all of ${name} is explained`, (t) => {
    for (const set of list.split(',')) t.true(known.has(set.trim()), set.trim());
  });

test('what nobody should set by default is refused', (t) => {
  const refused = new Map(folklore.filter((row) => row.refused === true).map(({set, when}) => [set, when]));
  t.is(refused.get('sysctl kernel/unprivileged_bpf_disabled'), '0');
  t.is(refused.get('boot mitigations'), 'off');
  t.is(refused.get('sysctl kernel/randomize_va_space'), '0');
});
