import type {Machine} from './machine.ts';

/**
 * Keys of /proc/sys that change on a machine that nobody touches: what is in use just now, how often disks were synced, what is
 * drawn anew at each read, and what each boot draws or reckons anew (its name, the key of RSS, a reserve that goes by the
 * free memory).
 */
export const RESTLESS =
  /^\/proc\/sys\/(?:fs\/(?:dentry-state|file-nr|inode-nr|inode-state|quota\/syncs)|kernel\/(?:ns_last_pid|random\/(?:uuid|boot_id|entropy_avail))|net\/core\/netdev_rss_key|vm\/user_reserve_kbytes):/;

/**
 * Prints all that linerate may have changed on a machine, by other programs than its own probe: every readable key of
 * /proc/sys, each NIC as ethtool and its queue files show it, interrupts by name with their CPUs, huge pages; each file of
 * /etc, /boot and /var/lib with bytes, mode and owner, and where links lead, which is also what is enabled. The journals of
 * runs are not in it. An emulated machine is three times quicker at MD5 than at a longer digest.
 */
const STATE = String.raw`cd /
grep -rs '' /proc/sys | sort
for n in /sys/class/net/*; do
  [ -e "$n/device" ] || continue
  for verb in -k -g -l -c -x -a --show-priv-flags; do echo "$verb $n"; ethtool $verb "${'$'}{n##*/}" 2>&1 | sed "s|^|$verb $n |"; done
  grep -s '' "$n"/mtu "$n"/tx_queue_len "$n"/gro_flush_timeout "$n"/napi_defer_hard_irqs "$n"/threaded
  grep -s '' "$n"/queues/*/rps_cpus "$n"/queues/*/rps_flow_cnt "$n"/queues/*/xps_cpus "$n"/queues/*/byte_queue_limits/limit_m*
done
for irq in /proc/irq/[0-9]*; do
  read -r cpus <"$irq/smp_affinity_list"
  for name in "$irq"/*/; do [ ! -d "$name" ] || echo "interrupt ${'$'}{name#"$irq"} $cpus"; done
done | sort
grep -s '' /sys/kernel/mm/transparent_hugepage/enabled /sys/kernel/mm/transparent_hugepage/defrag /sys/devices/system/node/node*/hugepages/*/nr_hugepages
find /etc /boot /var/lib -path /var/lib/linerate -prune -o -printf '%p %y %m %U %G %l\n' | sort
find /etc /boot /var/lib -path /var/lib/linerate -prune -o -type f -exec md5sum {} + | sort`;

/** A machine's state as lines, without what is restless. */
export const machineState = async (machine: Pick<Machine, 'run'>): Promise<readonly string[]> => {
  const {status, stdout, stderr} = await machine.run(STATE);
  if (status !== 0) throw new Error(`the machine's state cannot be read: ${stderr}`);
  return stdout.split('\n').filter((line) => !RESTLESS.test(line));
};
