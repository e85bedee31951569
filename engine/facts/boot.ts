import type {Known} from '../model/known.ts';

export type BootConfiguration = {
  /** /proc/cmdline of the running kernel. */
  commandLine: string;
  /** Where the next boot's command line comes from. */
  loader: 'grub' | 'bls' | 'systemd-boot' | 'ostree' | 'none' | 'unknown';
  /** The next boot's arguments, as far as they can be told from the loader's files, and the file that says so. */
  nextCommandLine: Known<string>;
  configuredIn: readonly string[];
  /** `kernel.default` files, grub.d drop-ins and the like that add arguments: path and line. */
  sources: readonly {at: string; text: string}[];
};

export type KernelModules = {
  /** Loaded modules by name (underscores), with their readable parameters for those that plans look at. */
  loaded: readonly string[];
  parameters: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** `options NAME key=value` of modprobe.d: path:line, module, text. */
  options: readonly {at: string; module: string; text: string}[];
  /** modules-load.d. */
  loadedAtBoot: readonly {at: string; module: string}[];
};

/** CPU power and clock. */
export type Power = {
  governors: Readonly<Record<string, string>>;
  availableGovernors: readonly string[];
  driver?: string;
  /** cpuidle: driver and the states of CPU 0 by name, with their exit latency in microseconds. */
  idleDriver?: string;
  idleStates: readonly {name: string; latencyUs: number; disabled: boolean}[];
  energyPreference?: string;
  clocksource?: string;
  availableClocksources: readonly string[];
};
