import test from 'ava';
import {inHoldNamespace} from '../../support/hold-namespace.ts';

const SHELLS = ['dash', 'busybox sh', 'bash --posix'];
const MAC = '02:00:00:00:00:11';

// veth has features, channels and queues that can be set; no interrupts and no byte queue limits.
const LINK = `ip link add lr0 address ${MAC} numrxqueues 4 numtxqueues 4 type veth peer name lr1 numrxqueues 4 numtxqueues 4 ||
  exit 9
ethtool -L lr0 rx 2 tx 2`;

const HOLD = `# Written by linerate
host

nic other driver=veth mac=02:00:00:00:00:99
mtu = 1280
nic wan driver=veth mac=${MAC}
# a reason = with an equals sign
mtu = 3000
feature.generic-receive-offload = off
feature.tcp-segmentation-offload = off
channels.rx = 4
channels.tx = 4
txqueuelen = 2000
napi_defer_hard_irqs = 2
gro_flush_timeout = 20000
irq %n-TxRx-0 = 1
rx-0 rps = 1
rx-1 rfs = 4096
tx-1 xps = 2
`;

const SHOW = `d=/sys/class/net/lr0
cat $d/mtu $d/tx_queue_len $d/napi_defer_hard_irqs $d/gro_flush_timeout $d/queues/rx-1/rps_flow_cnt
printf '%d %d\\n' "0x$(cat $d/queues/rx-0/rps_cpus)" "0x$(cat $d/queues/tx-1/xps_cpus)"
ethtool -k lr0 | grep -E '^(tcp-segmentation|generic-receive)-offload'
ethtool -l lr0 | sed -n '/^Current/,$p' | grep -E '^(RX|TX)'`;

const SHOWN = `3000
2000
2
20000
4096
1 2
tcp-segmentation-offload: off
generic-receive-offload: off
RX:		4
TX:		4
`;

for (const shell of SHELLS) {
  test(`${shell}: a NIC that appears gets its values, whatever it is called`, (t) => {
    const run = inHoldNamespace(HOLD, `${LINK}\nhold nic lr0; echo "status $?"\n${SHOW}`, shell);
    t.is(run.errors, '');
    t.is(run.output, `status 0\n${SHOWN}`);
  });

  test(`${shell}: a second time it writes nothing`, (t) => {
    const traced = `strace -f -qq -e trace=openat,sendto -o /mnt/trace ${shell}`;
    const run = inHoldNamespace(
      HOLD.replaceAll(/^(?:feature|channels).*\n/gm, ''),
      `${LINK}\n${shell} /etc/linerate/hold.sh nic lr0\nhold nic lr0; echo "status $?"
grep -cE '"/sys/.*O_WRONLY' /mnt/trace`,
      traced,
    );
    t.is(run.output, 'status 0\n0\n', run.errors);
    const first = inHoldNamespace(HOLD, `${LINK}\nhold nic lr0\ngrep -cE '"/sys/.*O_WRONLY' /mnt/trace`, traced);
    t.true(Number(first.output) > 6, `the first run is seen to write: ${first.output}`);
  });

  test(`${shell}: after a link came up queues and interrupts are set again, and nothing that resets the NIC`, (t) => {
    const irqs = `mount -t tmpfs none /proc/irq
mkdir -p /proc/irq/30/lr0-TxRx-0 /proc/irq/31/lr0-TxRx-1 /proc/irq/32/lr00-TxRx-0
for n in 30 31 32; do echo 0 >/proc/irq/$n/smp_affinity_list; done`;
    const run = inHoldNamespace(
      HOLD,
      `${LINK}\n${irqs}\nip link set lr0 up\nhold up; echo "status $?"
cat /proc/irq/3?/smp_affinity_list /sys/class/net/lr0/mtu /sys/class/net/lr0/queues/rx-1/rps_flow_cnt
mv /proc/irq/30/lr0-TxRx-0 /proc/irq/32/; rmdir /proc/irq/32/lr00-TxRx-0; echo 0 >/proc/irq/30/smp_affinity_list
hold up lr0; cat /proc/irq/30/smp_affinity_list /proc/irq/32/smp_affinity_list`,
      shell,
    );
    t.is(run.errors, '');
    t.is(run.output, 'status 0\n1\n0\n0\n1500\n4096\n0\n1\n');
  });

  test(`${shell}: what cannot be set is told, and fails; the rest is set`, (t) => {
    const hold = HOLD.replace('rx-0 rps = 1\n', 'rx-0 rps = zz\nrx-9 rps = 1\n').replace('rx = 4', 'rx = 400');
    const run = inHoldNamespace(hold, `${LINK}\nhold nic lr0; echo "status $?"; cat /sys/class/net/lr0/mtu`, shell);
    t.is(run.output, 'status 1\n3000\n');
    t.regex(run.errors, /^linerate: ethtool -L lr0 rx 400 tx 4: /m);
    t.regex(run.errors, /^linerate: \/sys\/class\/net\/lr0\/queues\/rx-0\/rps_cpus does not take zz$/m);
    t.regex(run.errors, /^linerate: \/sys\/class\/net\/lr0\/queues\/rx-9\/rps_cpus is not there$/m);
  });

  test(`${shell}: a NIC of another driver or address is left alone`, (t) => {
    const hold = `nic lr0 driver=ice mac=${MAC}\nmtu = 3000\nnic lr0 driver=veth mac=02:00:00:00:00:12\nmtu = 3000\n`;
    const run = inHoldNamespace(hold, `${LINK}\nhold nic lr0; echo "status $?"; cat /sys/class/net/lr0/mtu`, shell);
    t.is(run.output, 'status 0\n1500\n', run.errors);
  });

  test(`${shell}: values of the host, on a tree like the kernel's`, (t) => {
    const hold = `host\ncpu smt = off\ncpu governor = performance\ncpu max-idle-latency = 3\nthp enabled = madvise
hugepages 1 2048kB = 8\n\nnic lr0 driver=veth mac=${MAC}\nmtu = 3000\n`;
    const tree = `umount /sys; mount -t tmpfs none /sys; cd /sys
mkdir -p devices/system/cpu/smt devices/system/cpu/cpu0/cpufreq devices/system/cpu/cpu0/cpuidle/state0 \\
  devices/system/cpu/cpu0/cpuidle/state1 kernel/mm/transparent_hugepage devices/system/node/node1/hugepages/hugepages-2048kB
echo on >devices/system/cpu/smt/control
echo powersave >devices/system/cpu/cpu0/cpufreq/scaling_governor
echo 2 >devices/system/cpu/cpu0/cpuidle/state0/latency; echo 133 >devices/system/cpu/cpu0/cpuidle/state1/latency
echo 0 >devices/system/cpu/cpu0/cpuidle/state0/disable; echo 0 >devices/system/cpu/cpu0/cpuidle/state1/disable
echo '[always] madvise never' >kernel/mm/transparent_hugepage/enabled
echo 0 >devices/system/node/node1/hugepages/hugepages-2048kB/nr_hugepages`;
    const show = `cat devices/system/cpu/smt/control devices/system/cpu/cpu0/cpufreq/scaling_governor \\
devices/system/cpu/cpu0/cpuidle/state0/disable devices/system/cpu/cpu0/cpuidle/state1/disable \\
kernel/mm/transparent_hugepage/enabled devices/system/node/node1/hugepages/hugepages-2048kB/nr_hugepages`;
    const run = inHoldNamespace(hold, `${tree}\nhold host; echo "status $?"\n${show}`, shell);
    t.is(run.output, 'status 0\noff\nperformance\n0\n1\nmadvise\n8\n', run.errors);
  });
}
