import {XDP_SOCKETS_SCRIPT} from './nic-xdp.ts';

/** Interfaces without a device behind them that are still asked one by one: a container host has hundreds. */
export const MOST_VIRTUAL = 32;

/** Interfaces with a device that ethtool is asked about: a PF's VFs can be hundreds. */
export const MOST_ASKED = 64;

/** What ethtool is asked of an interface with a device. Never -t, -d or -e: they disturb the NIC or need long. */
export const VERBS = ['-i', '-g', '-c', '-l', '-k', '-x', '-n', '-a', '--show-priv-flags', '-P'] as const;

const INTERFACE_FILES = [
  'address mtu flags operstate carrier speed type ifindex iflink tx_queue_len uevent tun_flags',
  'napi_defer_hard_irqs gro_flush_timeout threaded',
  'bonding/mode bonding/active_slave bonding/slaves bonding_slave/mii_status',
  'lower_*/ifindex upper_*/ifindex',
];

const FUNCTION_FILES = [
  'vendor device subsystem_vendor subsystem_device numa_node local_cpulist class irq',
  'current_link_speed current_link_width max_link_speed max_link_width sriov_totalvfs sriov_numvfs',
];

const OWN_FILES =
  'dev_port phys_port_name queues/rx-*/rps_cpus queues/rx-*/rps_flow_cnt ' +
  'queues/tx-*/xps_cpus queues/tx-*/xps_rxqs queues/tx-*/byte_queue_limits/limit_m??';

const quoted = (files: string, below: string): string =>
  files
    .split(' ')
    .map((file) => `'${below}${file}'`)
    .join(' ');

// The directory is /sys and not /sys/class/net: below that a name that starts with `-` would be an option to grep.
const everyInterface = (lines: readonly string[], below = ''): string =>
  lines.map((files) => `g /sys ${quoted(files, `class/net/*/${below}`)}`).join('\n');

/**
 * The shell words of all that is read about network interfaces.
 * Files of all interfaces come by a few `grep`s; an interface with a device costs one more for its queues and one fork
 * for each ethtool verb; all IRQs of all NICs are two `grep`s at the end.
 */
export const NIC_SCRIPT = String.raw`
n /sys/class/net
${everyInterface(INTERFACE_FILES)}
${everyInterface(FUNCTION_FILES, 'device/')}
${everyInterface(FUNCTION_FILES, 'device/../')}
g /sys 'class/net/*/device/driver/module/version'

nic_own() { g "/sys/class/net/$1" ${quoted(OWN_FILES, '')}; }
nic_rules() { ethtool -n "$1" 2>&1 | while IFS= read -r line; do printf '%s\n' "$line"; case $line in Total*) break ;; esac; done; }
nic_link() { ip -d link show 2>&1 | sed -e '/^    vf /d' -e '/^    alias /d' -e 's/ numtxqueues .*//'; }
nic_qdisc() { tc qdisc show 2>&1 | sed -e 's/ refcnt .*//' -e 's/ limit .*//'; }
nic_ask() {
  nic=$1
  shift
  # ethtool takes * for all interfaces and might take a dash for an option.
  case $nic in -* | \*) return ;; esac
  for verb in "$@"; do
    case $verb in
      -n) x "ethtool -n $nic" nic_rules "$nic" ;;
      *) x "ethtool $verb $nic" ethtool "$verb" "$nic" ;;
    esac
  done
}

ethtool_here=
if has ethtool; then ethtool_here=1; elif [ -z "$R" ]; then x ethtool ethtool; fi
virtual=0
for entry in "$R"/sys/class/net/*; do [ -d "$entry" ] && [ ! -e "$entry/device" ] && virtual=$((virtual + 1)); done
asked=0
irqs=
all_irqs=
for entry in "$R"/sys/class/net/*; do
  [ -d "$entry" ] || continue
  nic=${'$'}{entry##*/}
  d=/sys/class/net/$nic/device
  if [ ! -e "$R$d" ]; then
    [ "$virtual" -le ${String(MOST_VIRTUAL)} ] || continue
    nic_own "$nic"
    [ -n "$ethtool_here" ] && nic_ask "$nic" -k
    continue
  fi
  nic_own "$nic"
  l "$d" "$d/driver"
  # A virtio device has its NUMA node and its vectors in the PCI function above it; above a PCI function is a bridge.
  [ -e "$R$d/subsystem/drivers/virtio_net" ] && d=$d/..
  # So has a sub-function on the auxiliary bus, but for a list of its own on kernels from 6.11 on.
  own=$d/irqs
  [ ! -e "$R$own" ] || n "$own"
  [ ! -e "$R$d/class" ] && [ -e "$R$d/../msi_irqs" ] && [ -e "$R$d/../class" ] && d=$d/..
  l "$d/physfn" "$d/iommu_group"
  n "$d/msi_irqs"
  found=
  for i in "$R$d"/msi_irqs/*; do [ -e "$i" ] && found="$found ${'$'}{i##*/}"; done
  if [ -z "$found" ] && [ -r "$R$d/irq" ] && read -r i <"$R$d/irq" && [ "$i" != 0 ]; then found=" $i"; fi
  # Xen's event channels and virtio-mmio's lines stand nowhere below the device: only their names tell.
  if [ -z "$found" ] && { [ -e "$R$d/subsystem/drivers/vif" ] || [ "$d" != "/sys/class/net/$nic/device" ]; }; then all_irqs=1; fi
  # Interfaces that share a function list the same vectors.
  case "$irqs " in *"$found "*) ;; *) irqs=$irqs$found ;; esac
  asked=$((asked + 1))
  [ -n "$ethtool_here" ] && [ "$asked" -le ${String(MOST_ASKED)} ] && nic_ask "$nic" ${VERBS.join(' ')}
done

actions=
files=
for i in $irqs; do
  actions="$actions $i/actions"
  files="$files $i/smp_affinity_list $i/effective_affinity_list $i/affinity_hint"
done
if [ -n "$all_irqs" ]; then
  actions='*/actions'
  files='*/smp_affinity_list */effective_affinity_list */affinity_hint'
fi
if [ -n "$files" ]; then
  g /proc/irq "$files"
  if [ -d "$R/sys/kernel/irq" ]; then
    g /sys/kernel/irq "$actions"
  else
    for i in $irqs; do n "/proc/irq/$i"; done
    # One line of /proc/interrupts is as long as there are CPUs.
    [ -e "$R/sys/devices/system/cpu/cpu64" ] || b /proc/interrupts
  fi
  [ -d "$R/sys/kernel/debug/irq/irqs" ] && g /sys/kernel/debug/irq/irqs "$irqs"
fi
if has ip; then x 'ip link' nic_link; fi
if has tc; then x 'tc qdisc' nic_qdisc; fi
${XDP_SOCKETS_SCRIPT}`;
