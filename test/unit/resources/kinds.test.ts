import test from 'ava';
import type {Facts} from '../../../engine/facts/facts.ts';
import type {Boot, Held} from '../../../engine/model/setting.ts';
import {kindOf, KINDS} from '../../../engine/resources/kinds.ts';
import type {ResourceKind} from '../../../engine/resources/resource.ts';
import {exampleFacts, exampleMachine, exampleNic} from '../../support/facts.ts';

const kind = (name: string): ResourceKind => {
  const found = kindOf(name);
  if (!found) throw new Error(`no kind ${name}`);
  return found;
};

const live = (facts: Facts, name: string, rest: string): Held => kind(name).live(facts, rest);
const boot = (facts: Facts, name: string, rest: string): Boot => kind(name).boot(facts, rest);
const same = (name: string, rest: string, a: string, b: string, facts = exampleFacts()): boolean =>
  kind(name).same(facts, rest, a, b);

const withNext = (nextCommandLine: string, commandLine = nextCommandLine): Facts => {
  const facts = exampleFacts();
  return {...facts, boot: {...facts.boot, commandLine, nextCommandLine}};
};

test('kinds have names of their own, and are found by them', (t) => {
  t.is(new Set(KINDS.map((one) => one.kind)).size, KINDS.length);
  t.true(KINDS.every((one) => kindOf(one.kind) === one));
});

test('a sysctl at boot: the file that wins, else a kernel argument, else nobody', (t) => {
  const facts = withNext('quiet sysctl.vm.swappiness=5 sysctl.net/ipv4/tcp_rmem="4096 87380 6291456"', 'quiet');
  t.deepEqual(boot(facts, 'sysctl', 'vm/swappiness'), {
    held: {value: '5'},
    by: '/boot/grub/grub.cfg sysctl.vm.swappiness',
  });
  t.deepEqual(boot(facts, 'sysctl', 'net/ipv4/tcp_rmem').held, {value: '4096 87380 6291456'});
  const line = {key: 'vm/swappiness', value: '10', at: '/etc/sysctl.d/50-x.conf:3', ignoreErrors: false};
  const configured = {...facts, sysctls: {...facts.sysctls, configured: [line]}};
  t.deepEqual(boot(configured, 'sysctl', 'vm/swappiness'), {held: {value: '10'}, by: '/etc/sysctl.d/50-x.conf:3'});
  t.deepEqual(boot(exampleFacts(), 'sysctl', 'vm/swappiness'), {held: 'default'});
  t.deepEqual(live(exampleFacts(), 'sysctl', 'vm/never_read'), {unreadable: 'this probe did not read it'});
});

test('sysctl arguments: of kernels that know them, for keys that are there in time, of the running line only where the next is unknown', (t) => {
  const line = 'sysctl.vm.swappiness=5 sysctl.net.netfilter.nf_conntrack_max=9 sysctl.net.ipv4.conf.eth0.5.rp_filter=2';
  const facts = withNext(line);
  t.deepEqual(boot(facts, 'sysctl', 'net/netfilter/nf_conntrack_max'), {held: 'default'});
  t.deepEqual(boot(facts, 'sysctl', 'net/ipv4/conf/eth0.5/rp_filter'), {held: 'default'});
  const old = {...facts, os: {...facts.os, kernel: '5.4.0-200-generic'}};
  t.deepEqual(boot(old, 'sysctl', 'vm/swappiness'), {held: 'default'});
  t.deepEqual(boot(withNext('quiet', line), 'sysctl', 'vm/swappiness'), {held: 'default'});
  const unknown = {...facts, boot: {...facts.boot, nextCommandLine: {unknown: 'no loader'}}};
  t.is(boot(unknown, 'sysctl', 'vm/swappiness').by, '/proc/cmdline sysctl.vm.swappiness');
});

test('TuneD’s profile tells what a sysctl, the governor and THP hold at boot, where no sysctl.d file does', (t) => {
  const text =
    '[cpu]\ngovernor=performance|schedutil\n[vm]\ntransparent_hugepages=never\n[sysctl]\nvm.swappiness=10\nvm.x=${f:y}';
  const path = '/usr/lib/tuned/mine/tuned.conf';
  const services = {
    services: [{name: 'tuned', active: true, enabled: true}],
    tunedProfile: 'mine',
    files: [{path, kind: 'tuned' as const, text}],
  };
  const facts = exampleFacts({services});
  t.deepEqual(boot(facts, 'sysctl', 'vm/swappiness'), {held: {value: '10'}, by: `TuneD, ${path}`});
  t.deepEqual(boot(facts, 'sysctl', 'vm/x'), {held: 'default'});
  t.deepEqual(boot(facts, 'cpu', 'governor').held, {value: 'performance'});
  t.deepEqual(boot(facts, 'thp', 'enabled').held, {value: 'never'});
  const off = {...services, services: [{name: 'tuned', active: true, enabled: false}]};
  t.deepEqual(boot(exampleFacts({services: off}), 'sysctl', 'vm/swappiness'), {held: 'default'});
});

test('white space, leading zeros and hex do not make a vector another one', (t) => {
  t.true(same('sysctl', 'net/ipv4/tcp_rmem', '4096\t131072  6291456', '4096 131072 6291456'));
  t.true(same('sysctl', 'x/y', '0x10', '16'));
  t.false(same('sysctl', 'x/y', '4096 1', '4096'));
});

test('unprivileged BPF, once off for good, is off until the next boot', (t) => {
  const undo = (want: string): string => kind('sysctl').undo(exampleFacts(), 'kernel/unprivileged_bpf_disabled', want);
  t.deepEqual([undo('1'), undo('2')], ['never', 'exact']);
});

test('kernel arguments: the last one counts, dashes are underscores, quotes go, init’s own do not count', (t) => {
  const facts = withNext('a=1 a=2 dyndbg="file x +p" flag -- a=3', 'a=1 nohz-full=2');
  t.deepEqual(boot(facts, 'boot', 'a').held, {value: '2'});
  t.deepEqual(boot(facts, 'boot', 'dyndbg').held, {value: 'file x +p'});
  t.deepEqual(boot(facts, 'boot', 'flag').held, {value: 'present'});
  t.deepEqual(boot(facts, 'boot', 'b'), {held: 'absent', by: '/boot/grub/grub.cfg'});
  t.deepEqual(live(facts, 'boot', 'nohz_full'), {value: '2'});
  t.deepEqual(
    boot({...facts, boot: {...facts.boot, nextCommandLine: {unknown: 'Permission denied'}}}, 'boot', 'a').held,
    {
      unreadable: 'Permission denied',
    },
  );
});

test('CPU lists of arguments are compared as sets, with their flags', (t) => {
  t.true(same('boot', 'isolcpus', 'domain,managed_irq,2-4,5', 'managed_irq,domain,2-5'));
  t.true(same('boot', 'isolcpus', '2-5', 'domain,2-5'));
  t.true(same('boot', 'isolcpus', 'managed_irq,domain,2-5', '2-5'));
  t.false(same('boot', 'isolcpus', 'managed_irq,2-5', '2-5'));
  t.false(same('boot', 'isolcpus', '2-5', 'managed_irq,domain,2-5'));
  t.false(same('boot', 'isolcpus', '2-4', '2-5'));
  t.true(same('boot', 'nohz_full', '2,3', '2-3'));
  t.true(same('boot', 'nosmt', '', 'present'));
  t.false(same('boot', 'mitigations', '2-3', '2,3'));
});

test('module options: live, by modprobe.d, by the command line', (t) => {
  const facts = {
    ...withNext('quiet'),
    modules: {
      loaded: ['nf_conntrack', 'ena'],
      parameters: {nf_conntrack: {hashsize: '65536'}, ena: {enable_bql: 'N'}},
      options: [
        {at: '/etc/modprobe.d/a.conf:1', module: 'nf-conntrack', text: 'hashsize=1 expect_hashsize=2'},
        {at: '/etc/modprobe.d/b.conf:1', module: 'nf_conntrack', text: 'hashsize=131072'},
      ],
      loadedAtBoot: [],
    },
  };
  t.deepEqual(live(facts, 'module', 'nf_conntrack hashsize'), {value: '65536'});
  t.deepEqual(live(facts, 'module', 'nf_conntrack nothing'), 'unsupported');
  t.deepEqual(live(facts, 'module', 'vfio enable'), 'absent');
  t.deepEqual(boot(facts, 'module', 'nf_conntrack hashsize'), {
    held: {value: '131072'},
    by: '/etc/modprobe.d/b.conf:1',
  });
  t.deepEqual(boot(withNext('nf_conntrack.hashsize=7'), 'module', 'nf_conntrack hashsize').held, {value: '7'});
  t.true(same('module', 'ena enable_bql', 'N', '0'));
  t.false(same('module', 'ena enable_bql', 'N', '1'));
});

test('limits: limits.d for everyone and systemd’s defaults, in their own units', (t) => {
  const line = (
    domain: string,
    item: string,
    value: string,
    kind: 'hard' | 'soft' | '-' = '-',
  ): Facts['limits']['configured'][number] => ({
    at: 'x:1',
    domain,
    item,
    kind,
    value,
  });
  const held = (item: string, ...configured: Facts['limits']['configured'][number][]): unknown =>
    boot(exampleFacts({limits: {configured}}), 'limit', item).held;
  t.deepEqual(held('nofile', line('*', 'nofile', '65536'), line('*', 'nofile', '1', 'soft')), {value: '65536'});
  t.deepEqual(held('nofile', line('root', 'nofile', '65536')), 'default');
  t.deepEqual(held('memlock', line('systemd', 'LimitMEMLOCK', '64M')), {value: '65536'});
  t.deepEqual(held('memlock', line('systemd', 'LimitMEMLOCK', 'infinity')), {value: 'unlimited'});
  t.deepEqual(held('memlock', line('*', 'memlock', 'unlimited')), {value: 'unlimited'});
});

test('hugepages of a node out of the kernel’s arguments and vm.nr_hugepages', (t) => {
  const machine = exampleMachine({sockets: 2});
  const held = (line: string, rest: string, configured: Facts['sysctls']['configured'] = []): unknown =>
    boot({...withNext(line), ...machine, sysctls: {live: {}, configured}}, 'hugepages', rest).held;
  t.deepEqual(held('hugepages=10', '0 2048kB'), {value: '5'});
  t.deepEqual(held('default_hugepagesz=1G hugepages=8', '1 1048576kB'), {value: '4'});
  t.deepEqual(held('hugepagesz=1G hugepages=0:2,1:6 hugepagesz=2M hugepages=512', '1 1048576kB'), {value: '6'});
  t.deepEqual(held('hugepagesz=1G hugepages=0:2,1:6 hugepagesz=2M hugepages=512', '0 2048kB'), {value: '256'});
  t.deepEqual(held('quiet', '0 2048kB'), 'default');
  const line = {key: 'vm/nr_hugepages', value: '64', at: 'x:1', ignoreErrors: false};
  t.deepEqual(held('quiet', '0 2048kB', [line]), {value: '32'});
});

test('CPU: a mixed governor shows its parts; idle states are the same when the same states are allowed', (t) => {
  const facts = exampleFacts();
  const mixed = {
    ...facts,
    power: {...facts.power, governors: {policy0: 'powersave', policy1: 'performance', policy2: 'powersave'}},
  };
  t.deepEqual(live(mixed, 'cpu', 'governor'), {value: 'powersave performance'});
  t.deepEqual(live(facts, 'cpu', 'max-idle-latency'), {value: '133'});
  t.true(same('cpu', 'max-idle-latency', '1', '3'));
  t.false(same('cpu', 'max-idle-latency', '133', '3'));
  t.deepEqual(boot(withNext('intel_idle.max_cstate=1'), 'cpu', 'max-idle-latency').held, {value: '1'});
  t.deepEqual(live(facts, 'cpu', 'smt'), 'unsupported');
  t.deepEqual(boot(withNext('nosmt'), 'cpu', 'smt').held, {value: 'off'});
});

test('an interrupt that its driver pins is pinned again at boot; another one is not', (t) => {
  const nic = exampleNic({queues: 1});
  const hinted = exampleFacts({nics: [{...nic, irqs: Array.from(nic.irqs, (irq) => ({...irq, hint: [0]}))}]});
  t.deepEqual(boot(hinted, 'irq', 'ens1f0 rx-tx-0'), {held: {value: '0'}, by: 'the ice driver'});
  t.deepEqual(boot(exampleFacts(), 'irq', 'ens1f0 rx-tx-0'), {held: 'default'});
  t.deepEqual(live(exampleFacts(), 'irq', 'ens1f0 rx-tx-9'), 'absent');
  t.true(same('irq', 'ens1f0 rx-tx-0', '0,1,2', '0-2'));
});

test('RSS tables in ethtool’s words', (t) => {
  const held = (slots: readonly number[]): Held =>
    live(exampleFacts({nics: [exampleNic({rss: {slots, keyBytes: 40, functions: []}})]}), 'rss', 'ens1f0');
  t.deepEqual(held([0, 1, 2, 0, 1, 2]), {value: 'equal 3'});
  t.deepEqual(held([0, 0, 2, 2]), {value: 'weight 2 0 2'});
  t.deepEqual(held([]), 'unsupported');
});

test('interrupt affinities are the same CPUs in whatever writing', (t) => {
  t.true(same('irq', 'ens1f0 rx-0', '0-3', '0,1,2-3'));
  t.true(same('irq', 'ens1f0 rx-0', '5', '5-5'));
  t.true(same('irq', 'ens1f0 rx-0', '0,4-5', '4,5,0'));
  t.false(same('irq', 'ens1f0 rx-0', '0-511', '5'));
  t.false(same('irq', 'ens1f0 rx-0', '0-3', '0-2'));
});

test('RSS tables lead no further than the hardware can', (t) => {
  const limited = (driver: string, want: string, device?: string): unknown => {
    const one = exampleNic({driver});
    const nics = [one.pci === undefined || device === undefined ? one : {...one, pci: {...one.pci, device}}];
    return kindOf('rss')?.limit?.(exampleFacts({nics}), 'ens1f0', want);
  };
  const said = 'asked for equal 24, RSS of this NIC reaches 16 queues';
  t.deepEqual(limited('ixgbe', 'equal 24', '10fb'), {want: 'equal 16', limit: said});
  t.deepEqual(limited('ixgbe', 'equal 24', '1563'), {want: 'equal 24'});
  t.deepEqual(limited('mlx4_core', 'equal 24'), {want: 'equal 16', limit: said});
  t.deepEqual(limited('mlx5_core', 'equal 96'), {want: 'equal 96'});
  t.deepEqual(limited('i40e', 'weight 1 2'), {want: 'weight 1 2'});
});

test('the idle latency that TuneD holds, now and at boot', (t) => {
  const file = (value: string) => ({
    path: '/usr/lib/tuned/low/tuned.conf',
    kind: 'tuned' as const,
    text: `[cpu]\nforce_latency=${value}\n`,
  });
  const told = (value: string, active = true): unknown => {
    const services = [{name: 'tuned', active, enabled: true}];
    const facts = exampleFacts({services: {services, files: [file(value)], tunedProfile: 'low'}});
    return [kindOf('cpu')?.live(facts, 'max-idle-latency'), kindOf('cpu')?.boot(facts, 'max-idle-latency').held];
  };
  t.deepEqual(told('cstate.id_no_zero:1|3'), [{value: '1'}, {value: '1'}]);
  t.deepEqual(told('cstate.id:9|50'), [{value: '1'}, {value: '50'}]);
  t.deepEqual(told('3', false), [{value: '133'}, {value: '3'}]);
  t.deepEqual(told('none'), [{value: '133'}, {value: '133'}]);
});

test('SMT comes back without what ran on its threads', (t) => {
  t.is(kindOf('cpu')?.undo(exampleFacts(), 'smt', 'off'), 'approximate');
  t.is(kindOf('cpu')?.undo(exampleFacts(), 'governor', 'performance'), 'exact');
});

test('masks are the same whatever their grouping and leading zeros', (t) => {
  t.true(same('queue', 'ens1f0 rx-0 rps', '00000000,0000000f', 'f'));
  t.false(same('queue', 'ens1f0 rx-0 rps', '0000000f,00000000', 'f'));
  t.true(same('queue', 'ens1f0 tx-0 xps', '0', '00,00000000'));
});
