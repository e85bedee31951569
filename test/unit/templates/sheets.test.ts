import {readFileSync} from 'node:fs';

import test from 'ava';
import {parse} from 'yaml';

import {NIC_FAMILIES} from '../../../dataplane/nics.ts';
import {loadSheets} from '../../../engine/catalogue/sheets.ts';
import {sysctlKey} from '../../../engine/model/sysctl-key.ts';
import {canonicalAddress} from '../../../engine/plan/sheet-address.ts';
import {folkloreHolds} from '../../../engine/plan/sheet-folklore.ts';
import {sheetSysctls} from '../../../engine/plan/sheet-sysctls.ts';
import type {Sheet, SheetEntry} from '../../../engine/plan/sheet.ts';
import {HOSTS, renderAll, WORKLOADS} from '../../support/rendered-sheets.ts';

const sheets = loadSheets();
const all = renderAll(sheets);
const everySheet: readonly Sheet[] = [...new Set([...sheets.workloads.values(), ...sheets.nics.values()])];
const known = new Set(sheets.knowledge.map(({set}) => set));

const filed = (set: string): string => set.replace(/^hugepages \d+/, 'hugepages each');
const tell = ({entry, sheet, workload, host}: (typeof all)[number]): string =>
  `${sheet} for ${workload} on ${host}: ${entry.set} (${entry.at})`;

/** The template with all its branches at once: only the lines of blocks are taken away. */
const everyBranch = (path: string): string[] =>
  readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => !/^\s*\{\{(?:[#/]|else)/.test(line));

test('there is a sheet for every workload', (t) => {
  t.deepEqual([...sheets.workloads.keys()].sort(), [...WORKLOADS]);
});

test('there is a sheet for every driver that has an identity, and the other way round', (t) => {
  const drivers = new Set(NIC_FAMILIES.map(({driver}) => driver));
  const withoutPci = ['hv_netvsc'];
  const otherNames = ['gvnic'];
  t.deepEqual([...sheets.nics.keys()].sort(), [...drivers, ...withoutPci, ...otherNames].sort());
});

test('every entry is of a known address, says why and whence in one sentence, and is known to explain', (t) => {
  t.true(all.length > 1000);
  for (const one of all) {
    const {set, why, source, cost} = one.entry;
    t.is(canonicalAddress(set), set, tell(one));
    t.true(known.has(filed(set)), `no knowledge of ${tell(one)}`);
    for (const text of [why, cost ?? 'none']) t.regex(text, /^[^.\n][^\n]{2,}[^.\n]$/, tell(one));
    t.true(source.length > 5, tell(one));
  }
});

test('every entry of every branch is rendered on some host', (t) => {
  const rendered = new Set(all.map(({entry}) => entry.at));
  for (const sheet of everySheet) {
    const lines = readFileSync(sheet.path, 'utf8').split('\n');
    const entries = lines.flatMap((line, index) => (line.startsWith('- set:') ? [`${sheet.path}:${String(index + 1)}`] : []));
    t.deepEqual(
      entries.filter((at) => !rendered.has(at)),
      [],
      sheet.path,
    );
  }
});

test('no sheet asks for one setting twice on one host', (t) => {
  const seen = new Map<string, string>();
  for (const one of all) {
    const key = `${one.sheet}|${one.workload}|${one.host}|${one.entry.set}`;
    t.is(seen.get(key) ?? one.entry.at, one.entry.at, tell(one));
    seen.set(key, one.entry.at);
  }
});

test('the sysctls that a sheet tells of are those of all its branches', (t) => {
  for (const sheet of everySheet) {
    const lines = everyBranch(sheet.path).filter((line) => line.startsWith('- set: sysctl'));
    const set = lines.flatMap((line) => parse(line) as {set: string}[]).map((row) => sysctlKey(row.set.split(' ')[1] ?? ''));
    const lookedAt = [...readFileSync(sheet.path, 'utf8').matchAll(/\(sysctl "([^"]+)"\)/g)].map(([, key]) => sysctlKey(key ?? ''));
    t.deepEqual(sheet.sysctls, [...new Set([...set, ...lookedAt])].sort(), sheet.path);
  }
});

test('the probe is told of every sysctl that a sheet, folklore or knowledge names', (t) => {
  const told = new Set(sheetSysctls(sheets));
  const named = [...all.map(({entry}) => entry), ...sheets.folklore, ...sheets.knowledge].map(({set}) => set);
  for (const set of named.filter((one) => one.startsWith('sysctl '))) t.true(told.has(set.slice('sysctl '.length)), set);
  t.deepEqual([...told], [...told].sort());
});

const valueOf = ({to, atLeast, noMoreThan}: SheetEntry): string => to ?? atLeast ?? noMoreThan ?? '';

test('no sheet sets what folklore warns of', (t) => {
  for (const one of all)
    for (const row of sheets.folklore.filter(({set}) => set === one.entry.set)) {
      if (!(row.workloads?.includes(one.workload) ?? true)) continue;
      const boot = {held: {value: valueOf(one.entry)}, by: one.entry.at};
      t.false(folkloreHolds(row.when, {value: valueOf(one.entry)}, boot), `${tell(one)}: ${row.message}`);
    }
});

test('ceilings are asked for as "at least", so that none is ever lowered', (t) => {
  const ceiling = /max|limit|nr_open|backlog|somaxconn|budget|thresh|buckets|_rmem|_wmem|entries|min_free|hugepages \d|ring\.|bypass/;
  for (const one of all.filter(({entry}) => ceiling.test(entry.set) && !/^(?:boot|limit memlock|cpu)/.test(entry.set)))
    t.not(one.entry.atLeast, undefined, tell(one));
});

test('balanced touches little: nothing that needs a reboot, resets a NIC or takes CPU time', (t) => {
  const sets = new Set(all.filter(({sheet}) => sheet === 'balanced').map(({entry}) => entry.set));
  t.true(sets.size <= 12);
  for (const set of sets) t.regex(set, /^(?:sysctl |rule irq$)/);
});

test('no NIC is changed for balanced by its own sheet but in what its driver does itself', (t) => {
  const own = all.filter(({sheet, workload}) => workload === 'balanced' && sheets.nics.has(sheet));
  for (const one of own) t.regex(`${one.entry.set} ${valueOf(one.entry)}`, /^rule \w+ (?:leave|clear)$/, tell(one));
});

test('connection tracking is planned only where it is loaded', (t) => {
  const planned = all.filter(({entry}) => entry.set.includes('nf_conntrack')).map(({host}) => host);
  t.deepEqual([...new Set(planned)].sort(), ['a guest on Azure', 'an old kernel', 'busy', 'plain']);
});

test('kernel arguments are planned for kernel-bypass alone', (t) => {
  const planned = all.filter(({entry}) => entry.set.startsWith('boot ')).map(({workload}) => workload);
  t.deepEqual([...new Set(planned)], ['kernel-bypass']);
});

test('routers lose LRO and keep GRO on every NIC', (t) => {
  for (const host of Object.keys(HOSTS)) {
    const own = all.filter((one) => one.host === host && one.sheet === 'forwarding');
    t.is(own.find(({entry}) => entry.set === 'nic feature.large-receive-offload')?.entry.to, 'off', host);
    t.is(own.find(({entry}) => entry.set === 'nic feature.generic-receive-offload')?.entry.to, 'on', host);
  }
});

test('the values are right for the machine they are rendered on', (t) => {
  const value = (host: string, workload: string, set: string): string | undefined => {
    const one = all.find(({entry, ...rest}) => rest.host === host && rest.workload === workload && entry.set === set);
    return one?.entry.seen === false ? 'once seen' : one && valueOf(one.entry);
  };
  t.is(value('one CPU, one queue', 'throughput', 'sysctl net/ipv4/tcp_rmem'), '4096 131072 8388608');
  t.is(value('512 CPUs, 8 nodes', 'throughput', 'sysctl net/ipv4/tcp_rmem'), '4096 131072 125000000');
  t.is(value('unknown rings, no NUMA', 'throughput', 'sysctl net/ipv4/tcp_rmem'), '4096 131072 33554432');
  t.is(value('busy', 'balanced', 'sysctl net/netfilter/nf_conntrack_max'), '1048576');
  t.is(value('plain', 'balanced', 'sysctl net/netfilter/nf_conntrack_max'), 'once seen');
  t.is(value('busy', 'balanced', 'sysctl net/core/somaxconn'), '16384');
  t.is(value('plain', 'balanced', 'sysctl net/core/somaxconn'), '4096');
  t.is(value('busy', 'connections', 'sysctl net/netfilter/nf_conntrack_max'), '1048576');
  t.is(value('a guest on EC2', 'latency', 'sysctl net/core/busy_poll'), '70');
  t.is(value('plain', 'latency', 'sysctl net/core/busy_poll'), '50');
  t.is(value('a guest on Azure', 'connections', 'sysctl net/ipv4/tcp_keepalive_time'), '200');
  t.is(value('plain', 'connections', 'sysctl net/ipv4/tcp_keepalive_time'), '300');
  t.is(value('an old kernel', 'forwarding', 'limit memlock'), 'unlimited');
  t.is(value('plain', 'forwarding', 'limit memlock'), undefined);
  t.is(value('an old kernel', 'throughput', 'sysctl net/core/netdev_budget_usecs'), undefined);
  t.is(value('an Intel machine of two nodes', 'kernel-bypass', 'boot isolcpus'), '1-7,9-15,17-23,25-31');
  t.is(value('an Intel machine of two nodes', 'kernel-bypass', 'boot hugepages'), '1:1');
  t.is(value('an Intel machine of two nodes', 'kernel-bypass', 'boot intel_iommu'), 'on');
  t.is(value('an old kernel', 'kernel-bypass', 'boot hugepages'), '1');
  t.is(value('an Intel machine of two nodes', 'latency', 'sysctl kernel/numa_balancing'), '0');
  t.is(value('plain', 'latency', 'sysctl kernel/numa_balancing'), undefined);
  t.is(value('plain', 'latency', 'sysctl kernel/nmi_watchdog'), '0');
  const onGuest = all.find((one) => one.host === 'a guest on EC2' && one.entry.set === 'sysctl kernel/nmi_watchdog');
  t.is(onGuest?.entry.noMoreThan, '0');
  t.is(value('one CPU, one queue', 'connections', 'sysctl net/ipv4/tcp_max_tw_buckets'), '65536');
  t.is(value('one CPU, one queue', 'connections', 'sysctl net/core/rps_sock_flow_entries'), undefined);
  t.is(value('a port with pause frames', 'forwarding', 'nic pause.autonegotiate'), 'off');
  t.is(value('a port with pause frames', 'forwarding', 'nic pause.rx'), 'off');
  t.is(value('a guest on EC2', 'kernel-bypass', 'boot iommu'), undefined);
  t.is(value('one CPU, one queue', 'kernel-bypass', 'boot isolcpus'), undefined);
});

test('no sheet looks at a sysctl that it sets, whose entry would be gone once it was carried out', (t) => {
  for (const sheet of everySheet) {
    const text = readFileSync(sheet.path, 'utf8');
    const lookedAt = [...text.matchAll(/\(sysctl "([^"]+)"\)/g)].map(([, key]) => key ?? '');
    t.deepEqual(
      lookedAt.filter((key) => text.includes(`- set: sysctl ${key}\n`)),
      [],
      sheet.path,
    );
  }
});
