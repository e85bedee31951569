import type {Effect, SettingId} from './setting.ts';

/** One thing to do on a host: data, so that it prints, saves, is reviewed, and turns into POSIX sh in one place only. */
export type Step =
  /**
   * One write(2) of `text` and a newline to a file of the kernel (/proc/sys, /sys). `ifOther`: only where it holds something
   * else, as what the kernel works out by itself it no longer does once somebody has written it.
   */
  | {do: 'write'; path: string; text: string; ifOther?: true}
  /** The CPUs of the interrupt that has this name *now*: resets renumber interrupts, so never by number. */
  | {do: 'affinity'; irq: string; cpus: string}
  /**
   * A program with its arguments; a status other than 0 is a failure. Not where it is `optional`: that brings back what a
   * reset may have disturbed, and a driver that cannot set a thing has not lost it either.
   */
  | {do: 'run'; argv: readonly string[]; optional?: true}
  /** A whole file, put in its place atomically, with this mode (as 0o644), owned by `owner` (`USER:GROUP`) or root. */
  | {do: 'put'; path: string; text: string; mode: number; owner?: string}
  /** A file as an earlier run's journal keeps it at `from`: its bytes, mode, owner and times. */
  | {do: 'return'; path: string; from: string}
  | {do: 'remove'; path: string}
  /**
   * Packages, in one transaction of the host's own program: `install` in its words (`NAME`, apt's `NAME=VERSION`, dnf's
   * `NAME-VERSION`, the path of a file that was sent), `remove` without their configuration, `purge` with it. `exact`:
   * refused, before anything is touched, where a version that would be replaced cannot be had any more.
   */
  | {
      do: 'packages';
      program: 'apt' | 'dnf';
      install: readonly string[];
      remove: readonly string[];
      purge: readonly string[];
      exact: boolean;
    }
  /** All packages as they were before this change's `packages`, also where that was cut off half-way. */
  | {do: 'packages-back'; program: 'apt' | 'dnf'}
  /**
   * Waits, bounded, until the NIC has its carrier again and the bond above it, if any, counts it as up
   * (bonding_slave/mii_status); a failure when it does not come.
   */
  | {do: 'settle'; nic: string};

/** One setting's way from what it holds to what is wanted, and back. */
export type Change = {
  /** A setting's, or in the boot layer `file PATH` and `command NAME`. */
  id: SettingId;
  layer: 'live' | 'boot';
  /** As the plan saw them; `before` is absent where nothing was there. */
  before?: string;
  after: string;
  effect: Effect;
  why: string;
  /** The settings whose values a file or command of the boot layer carries; absent where `id` is the only one. */
  carries?: readonly SettingId[];
  /** The NIC whose link this may flap: the run waits for its carrier. */
  nic?: string;
  /** Empty where the steps of an earlier change, which `with` names, set it too (one command, one reset). */
  steps: readonly Step[];
  with?: SettingId;
  /**
   * Brings `before` back, and with it all that the steps disturb. Of the changes that have begun, the last one is undone
   * first; it is right after any number of its steps. The first change of a NIC brings back the whole NIC, in an order that
   * its driver takes, so that the undo of the NIC's later changes is empty.
   */
  undo: readonly Step[];
};

/**
 * Where a setting's value goes so that it holds after a reboot. Contributions of many settings are gathered into files by
 * `engine/plan/lasting`.
 */
export type Lasting =
  /** `module`: what the key appears with, when it is not the kernel's own. */
  | {to: 'sysctl'; key: string; value: string; module?: string}
  /** Set whenever this NIC appears or comes up; `key` is the setting's name in linerate's hold file. */
  | {to: 'nic'; nic: string; key: string; value: string}
  /** Set once at boot. */
  | {to: 'host'; key: string; value: string}
  /** `absent` takes it away, `present` is a bare flag. */
  | {to: 'kernel-argument'; name: string; value: string}
  /** The kernel of this release is what boots, also when others are installed later. */
  | {to: 'kernel'; release: string}
  /** Kernels that are installed later are not booted by themselves; the default stays as it is. */
  | {to: 'kernel-updates'}
  | {to: 'module-option'; module: string; option: string; value: string}
  | {to: 'limit'; item: string; value: string}
  | {to: 'mount'; device: string; path: string; type: string; options: string}
  | {to: 'service'; name: string; enabled: boolean}
  /** irqbalance leaves the interrupts of this kernel module alone, or no longer does. */
  | {to: 'irqbalance'; module: string; banned: boolean};
