import type {Facts} from '../facts/facts.ts';
import type {Nic} from '../facts/nic.ts';

/**
 * One entry of a settings sheet after rendering: an address, what it shall hold, and who says so.
 *
 * A template's conditions are for what a plan does not change: the machine, its kernel, its drivers. One on a value that the
 * entry itself sets, or on a counter that it brings to rest, would drop the entry as soon as it has been carried out, and with
 * it the line that makes it last; `atLeast`, `noMoreThan`, `insteadOf` and `seen` say the same for good.
 *
 * Addresses (`set`):
 * - host-wide: `sysctl net.core.somaxconn` (dots or slashes), `cpu governor`, `cpu max-idle-latency` (µs), `cpu smt`,
 *   `thp enabled`, `hugepages NODE SIZEkB` (NODE `each` = every node), `boot ARGUMENT`, `module NAME OPTION`,
 *   `limit nofile`, `limit memlock`, `mount /sys/fs/bpf`
 * - for each NIC, in a NIC sheet for its own: `nic ring.rx`, `nic channels.combined`, `nic coalesce.rx-usecs` (ethtool's
 *   words), `nic feature.large-receive-offload` (ethtool -k's long names), `nic private.FLAG`, `nic pause.rx`, `nic mtu`,
 *   `nic txqueuelen`, `nic bql.limit_min`, `nic napi_defer_hard_irqs`, `nic gro_flush_timeout`, `nic threaded`
 * - for the topology rules of each NIC: `rule irq` (`spread` | `leave`), `rule rps` (`auto` | `off`), `rule rfs` (flow
 *   entries in all, or `off`), `rule xps` (`auto` | `clear` | `leave`), `rule channels` (`local-cores` | `cpus` | `leave`),
 *   `rule rss` (`equal` | `leave`), `rule irqbalance` (`ban` | `stop` | `leave`); `leave` is a word of every rule
 */
export type SheetEntry = {
  set: string;
  /**
   * Exactly one of these. `to`: this value; `atLeast`: the greater of this and what is there, so that nothing is lowered;
   * `noMoreThan`: the lesser of them, so that nothing is raised. Both go number by number through a vector.
   */
  to?: string;
  atLeast?: string;
  noMoreThan?: string;
  /**
   * Values that nobody chose, such as the kernel's default: `to` is meant only where the host holds one of them, or `to`
   * already, now and at the next boot. Any other value was somebody's choice, and stays.
   */
  insteadOf?: readonly string[];
  /**
   * Whether the host's counters show what this is for. Where they do not, the entry is still meant where the host holds the
   * value live or in one of linerate's own files: counters rest once they have been answered, and begin anew at each boot.
   */
  seen?: boolean;
  /** A limit of the hardware that the value is cut down to (and the plan says so). */
  atMost?: string;
  why: string;
  source: string;
  /** What it costs to have it. */
  cost?: string;
  unconfirmed?: boolean;
  /** `templates/nics/ice.yaml.hbs:12`. */
  at: string;
};

/** What a sheet is rendered with. */
export type SheetContext = {
  facts: Facts;
  workload: string;
  /** The NIC that a NIC sheet (or the NIC part of a workload sheet) is rendered for. */
  nic?: Nic;
};

/** A compiled sheet: rendering is pure, and throws a `Fault` that names file and line when a sheet is wrong. */
export type Sheet = {
  /** `throughput`, `ice`. */
  id: string;
  layer: 'workload' | 'nic';
  /** `templates/nics/ice.yaml.hbs`. */
  path: string;
  /** Every sysctl key that the template names in whatever branch, in slash form, sorted. */
  sysctls: readonly string[];
  render(context: SheetContext): readonly SheetEntry[];
};

/** One value that hurts wherever it is found, or that nobody should set by default. */
export type Folklore = {
  /** An address as in `SheetEntry.set`. */
  set: string;
  /**
   * Live or boot values (exact text, or `>N`, `<N`, `!=V`) for which the finding holds; `any` when the key's being there is
   * enough; `configured`, alone or before one of these, when it counts only where a file or argument sets it for the next
   * boot. `folkloreHolds` of `sheet-folklore.ts` decides.
   */
  when: string;
  /** Only on these: `forwarding`. Absent: always. */
  workloads?: readonly string[];
  /** Of NIC settings: not with these drivers, which do it by themselves for a reason. */
  notDrivers?: readonly string[];
  grade: 'harmful' | 'notice';
  /** One sentence: what it breaks. */
  message: string;
  hint?: string;
  source: string;
  /** Set by sheets or inventories only when `linerate_allow` names it (`mitigations=off`). */
  refused?: boolean;
};

/** What a setting is, for `linerate explain`, whether or not a sheet sets it. */
export type SettingKnowledge = {
  set: string;
  what: string;
  unit?: string;
  /** The kernel's or driver's default, with versions. */
  default?: string;
  cost?: string;
  source: string;
};

/** All content of `templates/` that the planner works with. */
export type Sheets = {
  workloads: ReadonlyMap<string, Sheet>;
  /** By driver name as in `/sys/class/net/IF/device/driver`. */
  nics: ReadonlyMap<string, Sheet>;
  folklore: readonly Folklore[];
  knowledge: readonly SettingKnowledge[];
};
