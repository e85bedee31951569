import test from 'ava';
import type {Fact} from '../../../engine/facts/fact.ts';
import {limits} from '../../../engine/facts/limits.ts';
import {modules} from '../../../engine/facts/modules.ts';
import {mounts} from '../../../engine/facts/mounts.ts';
import {power} from '../../../engine/facts/power.ts';
import {framesOf} from '../../support/host-frames.ts';
import {probeInNamespace} from '../../support/namespace-probe.ts';
import {plantTree} from '../../support/text-tree.ts';

const read = <T>(fact: Fact<T>, tree: string): T =>
  fact.parse(probeInNamespace([fact], {prepare: plantTree(tree), root: '/mnt'}));

test('modules: loaded, their parameters and options, and what is loaded at boot', (t) => {
  const found = read(
    modules,
    `==> /proc/modules
ena 139264 0 - Live 0x0000000000000000
nf_conntrack 172032 2 xt_conntrack,nf_nat, Live 0x0000000000000000
==> /sys/module/nf_conntrack/parameters/hashsize
65536
==> /sys/module/ena/parameters/lpc_size
2
==> /sys/module/usbcore/parameters/autosuspend
2
==> /etc/modprobe.d/20-ena.conf
# comment
options ena \\
  lpc_size=4   force_large_llq_header=1
blacklist ixgbe
options nf-conntrack hashsize=131072
==> /usr/lib/modprobe.d/20-ena.conf
options ena hidden=1
==> /lib/modprobe.d/10-vendor.conf
options ena vendor=1
==> /etc/modules
# one a line
br_netfilter
==> /etc/modules-load.d/k8s.conf
; comment
overlay
nf-conntrack
`,
  );
  t.deepEqual(found.loaded, ['ena', 'nf_conntrack']);
  t.deepEqual(found.parameters, {nf_conntrack: {hashsize: '65536'}, ena: {lpc_size: '2'}});
  t.deepEqual(found.options, [
    {at: '/lib/modprobe.d/10-vendor.conf:1', module: 'ena', text: 'vendor=1'},
    {at: '/etc/modprobe.d/20-ena.conf:2', module: 'ena', text: 'lpc_size=4   force_large_llq_header=1'},
    {at: '/etc/modprobe.d/20-ena.conf:5', module: 'nf_conntrack', text: 'hashsize=131072'},
  ]);
  t.deepEqual(found.loadedAtBoot, [
    {at: '/etc/modules:2', module: 'br_netfilter'},
    {at: '/etc/modules-load.d/k8s.conf:2', module: 'overlay'},
    {at: '/etc/modules-load.d/k8s.conf:3', module: 'nf_conntrack'},
  ]);
});

test('limits of PAM and of systemd, and those of the probe', (t) => {
  const found = read(
    limits,
    `==> /etc/security/limits.conf
#<domain> <type> <item> <value>
*               soft    nofile          65536   # files
@dpdk           -       memlock         unlimited
broken line
==> /etc/security/limits.d/20-nproc.conf
root hard nproc 4096
==> /etc/systemd/system.conf
[Manager]
#DefaultLimitCORE=
DefaultLimitNOFILE=1024:524288
==> /etc/systemd/system.conf.d/memlock.conf
[Manager]
DefaultLimitMEMLOCK=infinity
`,
  );
  t.deepEqual(found.configured, [
    {at: '/etc/security/limits.conf:2', domain: '*', item: 'nofile', kind: 'soft', value: '65536'},
    {at: '/etc/security/limits.conf:3', domain: '@dpdk', item: 'memlock', kind: '-', value: 'unlimited'},
    {at: '/etc/security/limits.d/20-nproc.conf:1', domain: 'root', item: 'nproc', kind: 'hard', value: '4096'},
    {at: '/etc/systemd/system.conf:3', domain: 'systemd', item: 'LimitNOFILE', kind: 'soft', value: '1024'},
    {at: '/etc/systemd/system.conf:3', domain: 'systemd', item: 'LimitNOFILE', kind: 'hard', value: '524288'},
    {
      at: '/etc/systemd/system.conf.d/memlock.conf:2',
      domain: 'systemd',
      item: 'LimitMEMLOCK',
      kind: '-',
      value: 'infinity',
    },
  ]);
  t.deepEqual(Object.keys(found), ['configured'], 'an image has no shell of its own');
});

test("the shell's own limits, as ulimit sets them", (t) => {
  const {nofileSoft, nofileHard, memlockKb} = limits.parse(
    probeInNamespace([limits], {prepare: 'ulimit -Sn 64; ulimit -Hn 128; ulimit -l 32'}),
  );
  t.deepEqual([nofileSoft, nofileHard, memlockKb], [64, 128, 32]);
  const text = 'Max locked memory         unlimited            unlimited            bytes     \n';
  t.is(limits.parse(framesOf({files: {'/proc/self/limits': text}})).memlockKb, 'unlimited');
});

test('governors by policy, idle states of CPU 0, clock sources', (t) => {
  const found = read(
    power,
    `==> /sys/devices/system/cpu/cpufreq/policy0/scaling_governor
powersave
==> /sys/devices/system/cpu/cpufreq/policy12/scaling_governor
performance
==> /sys/devices/system/cpu/cpufreq/policy0/scaling_available_governors
performance powersave
==> /sys/devices/system/cpu/cpufreq/policy0/scaling_driver
intel_pstate
==> /sys/devices/system/cpu/cpufreq/policy0/energy_performance_preference
balance_performance
==> /sys/devices/system/cpu/cpuidle/current_driver
intel_idle
==> /sys/devices/system/cpu/cpu0/cpuidle/state0/name
POLL
==> /sys/devices/system/cpu/cpu0/cpuidle/state0/latency
0
==> /sys/devices/system/cpu/cpu0/cpuidle/state0/disable
0
==> /sys/devices/system/cpu/cpu0/cpuidle/state1/name
C6
==> /sys/devices/system/cpu/cpu0/cpuidle/state1/latency
133
==> /sys/devices/system/cpu/cpu0/cpuidle/state1/disable
1
==> /sys/devices/system/clocksource/clocksource0/current_clocksource
tsc
==> /sys/devices/system/clocksource/clocksource0/available_clocksource
tsc hpet acpi_pm 
`,
  );
  t.deepEqual(found, {
    governors: {policy0: 'powersave', policy12: 'performance'},
    availableGovernors: ['performance', 'powersave'],
    driver: 'intel_pstate',
    idleDriver: 'intel_idle',
    idleStates: [
      {name: 'POLL', latencyUs: 0, disabled: false},
      {name: 'C6', latencyUs: 133, disabled: true},
    ],
    energyPreference: 'balance_performance',
    clocksource: 'tsc',
    availableClocksources: ['tsc', 'hpet', 'acpi_pm'],
  });
});

test('governors of kernels that keep them by CPU', (t) => {
  const tree = '==> /sys/devices/system/cpu/cpu0/cpufreq/scaling_governor\nondemand\n';
  t.deepEqual(read(power, tree).governors, {cpu0: 'ondemand'});
  t.deepEqual(read(power, ''), {governors: {}, availableGovernors: [], idleStates: [], availableClocksources: []});
});

test('mounts that plans look at, names with blanks among them', (t) => {
  const found = read(
    mounts,
    `==> /proc/mounts
rootfs / rootfs rw 0 0
/dev/nvme0n1p1 / xfs rw,noatime 0 0
overlay /var/lib/docker/overlay2/x/merged overlay rw,lowerdir=/ 0 0
hugetlbfs /dev/huge\\0401G hugetlbfs rw,pagesize=1024M 0 0
bpf /sys/fs/bpf bpf rw,nosuid 0 0
nsfs /run/docker/netns/x nsfs rw 0 0
`,
  );
  t.deepEqual(found, [
    {device: 'rootfs', path: '/', type: 'rootfs', options: 'rw'},
    {device: '/dev/nvme0n1p1', path: '/', type: 'xfs', options: 'rw,noatime'},
    {device: 'hugetlbfs', path: '/dev/huge 1G', type: 'hugetlbfs', options: 'rw,pagesize=1024M'},
    {device: 'bpf', path: '/sys/fs/bpf', type: 'bpf', options: 'rw,nosuid'},
  ]);
});
