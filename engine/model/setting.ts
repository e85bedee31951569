/** What a tunable address holds: four different things that are never mixed up. */
export type Held = {value: string} | 'absent' | 'unsupported' | {unreadable: string};

/** What a change to a setting disturbs. */
export type Effect = 'live' | 'link-flap' | 'restart' | 'reboot';

/** How well the earlier state can be brought back. */
export type Undo = 'exact' | 'approximate' | 'reboot' | 'never';

/**
 * The address of one tunable: its kind, a space, the rest.
 * `sysctl net/core/rmem_max` (slashes, as interface names may hold dots) · `nic ens1f0 ring.rx` ·
 * `irq ens1f0 rx-3` · `queue ens1f0 rx-3 rps` · `boot isolcpus` · `hugepages 0 2048kB` · `cpu governor` · `file /etc/nginx/nginx.conf` · `package nginx` · …
 */
export type SettingId = string;

/** Who asked for a value: a sheet's line, an inventory variable, a recipe, or a topology rule of the planner. */
export type Origin = {
  layer: 'workload' | 'nic' | 'topology' | 'recipe' | 'inventory';
  /** `templates/nics/ice.yaml.hbs:12`, `group_vars/web.yml linerate_settings`, `topology rule irq-pin`. */
  at: string;
};

/** What will hold after a reboot, and who makes it so (a file and line, a unit); `default` when nobody does. */
export type Boot = {held: Held | 'default'; by?: string};

/** A file of the controller that a change needs on the host; it is sent and its digest checked there before the run begins. */
export type Upload = {
  /** On the controller. */
  from: string;
  /** On the host. */
  to: string;
};

/** One tunable address with its three values: live, next boot, wanted. */
export type Setting = {
  id: SettingId;
  live: Held;
  boot: Boot;
  want: string;
  /**
   * The layers that do not hold `want` in the kind's normal form; empty when all is well. A boot value of `default` counts
   * as pending for a plain `to` (nothing makes it last); for `atLeast`, `noMoreThan` and a `to` with `insteadOf` that the
   * live value meets only where the kernel's default is known not to meet it.
   */
  pending: readonly ('live' | 'boot')[];
  why: string;
  source: string;
  from: Origin;
  effect: Effect;
  undo: Undo;
  /** What it costs to have it. */
  cost?: string;
  /** Why `want` is not what was asked for: `asked for 8192, the NIC's maximum is 4096`. */
  limit?: string;
  /** True when the NIC carries the connection that manages the host. */
  management?: boolean;
  /** True where no source confirms the value. */
  unconfirmed?: boolean;
  /** The phase of a recipe that asks for it. */
  phase?: string;
  /** Units to restart, or only to reload, once in the phase when its live value was changed. */
  restarts?: readonly string[];
  reloads?: readonly string[];
  uploads?: readonly Upload[];
};

/** An expected refusal: linerate will not touch this, and says why. */
export type Block = {
  id: SettingId;
  reason: string;
  hint?: string;
  /** The phase of a recipe that asked for it, and has failed without it. */
  phase?: string;
};

/** Something a person should know: folklore found, two tools that fight, a value nobody can read. */
export type Finding = {
  code: string;
  /** `conflict`: another tool or file will overwrite or fight; `harmful`: hurts as it is; `notice`: good to know. */
  grade: 'conflict' | 'harmful' | 'notice';
  /** What it is about: a setting id, a file, a service. */
  about: string;
  message: string;
  hint?: string;
  source?: string;
};

/** The plan of one host: plain JSON. Only `settings` whose live or boot value differs from `want` ask for a change. */
export type Plan = {
  host: string;
  workload: string;
  settings: readonly Setting[];
  blocks: readonly Block[];
  findings: readonly Finding[];
  /** NICs that carry the connection which manages the host, from the top of the stack down to PCI functions. */
  managementPath: readonly string[];
};
