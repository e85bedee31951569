import type {HostSpec} from './spec.ts';

/** Values of a Debian 12 machine (kernel 6.1) with 8 GB; those that depend on memory do not matter to plans. */
const COMMON: Readonly<Record<string, string>> = {
  'fs/file-max': '9223372036854775807',
  'fs/nr_open': '1048576',
  'kernel/hung_task_timeout_secs': '120',
  'kernel/randomize_va_space': '2',
  'kernel/sched_autogroup_enabled': '1',
  'kernel/shmall': '18446744073692774399',
  'kernel/shmmax': '18446744073692774399',
  'kernel/timer_migration': '1',
  'kernel/unprivileged_bpf_disabled': '2',
  'net/core/bpf_jit_enable': '1',
  'net/core/bpf_jit_harden': '0',
  'net/core/busy_poll': '0',
  'net/core/busy_read': '0',
  'net/core/default_qdisc': 'pfifo_fast',
  'net/core/dev_weight': '64',
  'net/core/flow_limit_cpu_bitmap': '0',
  'net/core/netdev_budget': '300',
  'net/core/netdev_budget_usecs': '8000',
  'net/core/netdev_max_backlog': '1000',
  'net/core/optmem_max': '20480',
  'net/core/rmem_default': '212992',
  'net/core/rmem_max': '212992',
  'net/core/rps_sock_flow_entries': '0',
  'net/core/somaxconn': '4096',
  'net/core/wmem_default': '212992',
  'net/core/wmem_max': '212992',
  'net/ipv4/conf/all/rp_filter': '0',
  'net/ipv4/conf/default/rp_filter': '0',
  'net/ipv4/ip_early_demux': '1',
  'net/ipv4/ip_forward': '0',
  'net/ipv4/ip_local_port_range': '32768\t60999',
  'net/ipv4/ip_local_reserved_ports': '',
  'net/ipv4/ip_no_pmtu_disc': '0',
  'net/ipv4/ipfrag_low_thresh': '3145728',
  'net/ipv4/neigh/default/gc_thresh1': '128',
  'net/ipv4/neigh/default/gc_thresh2': '512',
  'net/ipv4/neigh/default/gc_thresh3': '1024',
  'net/ipv4/route/max_size': '2147483647',
  'net/ipv4/tcp_abort_on_overflow': '0',
  'net/ipv4/tcp_adv_win_scale': '1',
  'net/ipv4/tcp_app_win': '31',
  'net/ipv4/tcp_autocorking': '1',
  'net/ipv4/tcp_available_congestion_control': 'reno cubic',
  'net/ipv4/tcp_congestion_control': 'cubic',
  'net/ipv4/tcp_dsack': '1',
  'net/ipv4/tcp_early_demux': '1',
  'net/ipv4/tcp_ecn': '2',
  'net/ipv4/tcp_fack': '0',
  'net/ipv4/tcp_fastopen': '1',
  'net/ipv4/tcp_fin_timeout': '60',
  'net/ipv4/tcp_keepalive_intvl': '75',
  'net/ipv4/tcp_keepalive_probes': '9',
  'net/ipv4/tcp_keepalive_time': '7200',
  'net/ipv4/tcp_limit_output_bytes': '1048576',
  'net/ipv4/tcp_low_latency': '0',
  'net/ipv4/tcp_max_orphans': '32768',
  'net/ipv4/tcp_max_syn_backlog': '512',
  'net/ipv4/tcp_max_tw_buckets': '32768',
  'net/ipv4/tcp_mem': '187275\t249701\t374550',
  'net/ipv4/tcp_min_snd_mss': '48',
  'net/ipv4/tcp_moderate_rcvbuf': '1',
  'net/ipv4/tcp_mtu_probing': '0',
  'net/ipv4/tcp_notsent_lowat': '4294967295',
  'net/ipv4/tcp_retries2': '15',
  'net/ipv4/tcp_rmem': '4096\t131072\t6291456',
  'net/ipv4/tcp_sack': '1',
  'net/ipv4/tcp_slow_start_after_idle': '1',
  'net/ipv4/tcp_synack_retries': '5',
  'net/ipv4/tcp_syncookies': '1',
  'net/ipv4/tcp_timestamps': '1',
  'net/ipv4/tcp_tw_reuse': '2',
  'net/ipv4/tcp_window_scaling': '1',
  'net/ipv4/tcp_wmem': '4096\t16384\t4194304',
  'net/ipv4/udp_early_demux': '1',
  'net/ipv4/udp_mem': '374550\t499402\t749100',
  'net/ipv4/udp_wmem_min': '4096',
  'net/ipv6/conf/all/forwarding': '0',
  'net/ipv6/neigh/default/gc_thresh1': '128',
  'net/ipv6/neigh/default/gc_thresh2': '512',
  'net/ipv6/neigh/default/gc_thresh3': '1024',
  'vm/dirty_background_ratio': '10',
  'vm/dirty_ratio': '20',
  'vm/max_map_count': '65530',
  'vm/min_free_kbytes': '67584',
  'vm/nr_hugepages': '0',
  'vm/overcommit_memory': '0',
  'vm/stat_interval': '1',
  'vm/swappiness': '60',
  'vm/zone_reclaim_mode': '0',
};

const CONNTRACK: Readonly<Record<string, string>> = {
  'net/netfilter/nf_conntrack_buckets': '65536',
  'net/netfilter/nf_conntrack_count': '120',
  'net/netfilter/nf_conntrack_max': '65536',
  'net/netfilter/nf_conntrack_tcp_timeout_established': '432000',
  'net/netfilter/nf_conntrack_tcp_timeout_time_wait': '120',
};

// Since 6.6.
const RECENT: Readonly<Record<string, string>> = {'kernel/io_uring_disabled': '0'};

// Kernel 3.10: somaxconn before 5.4, no netdev_budget_usecs before 4.12, tcp_tw_recycle until 4.12.
const OLD: Readonly<Record<string, string>> = {
  'net/core/somaxconn': '128',
  'net/ipv4/tcp_max_syn_backlog': '2048',
  'net/ipv4/tcp_rmem': '4096\t87380\t6291456',
  'net/ipv4/tcp_tw_recycle': '0',
  'net/ipv4/tcp_tw_reuse': '0',
};
const NOT_YET = new Set([
  'kernel/unprivileged_bpf_disabled',
  'net/core/netdev_budget_usecs',
  'net/ipv4/tcp_early_demux',
  'net/ipv4/udp_early_demux',
]);

/** The kernel's defaults by slash-form key. A container shows only what belongs to its network namespace. */
export const sysctlDefaults = (host: HostSpec): Readonly<Record<string, string>> => {
  // Guests come up without the watchdog (kvm_guest_init), machines of one node without balancing.
  const nodes = host.cpu.nodes?.length ?? host.cpu.sockets * host.cpu.nodesPerSocket;
  const byMachine = {
    'kernel/nmi_watchdog': host.virtualisation === 'none' ? '1' : '0',
    'kernel/numa_balancing': nodes > 1 ? '1' : '0',
  };
  const tracked = host.modules.includes('nf_conntrack') ? CONNTRACK : {};
  const old = host.system === 'rhel-7';
  const contained = host.container !== undefined;
  const all = Object.entries({
    ...COMMON,
    ...byMachine,
    ...(old ? OLD : {}),
    ...(host.system === 'ubuntu-24.04' ? RECENT : {}),
    ...tracked,
  });
  return Object.fromEntries(
    all.filter(
      ([key]) => !(old && NOT_YET.has(key)) && !(contained && /^net\/core\/(?!somaxconn|optmem_max)/.test(key)),
    ),
  );
};
