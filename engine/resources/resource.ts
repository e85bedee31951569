import type {Facts} from '../facts/facts.ts';
import type {Lasting, Step} from '../model/change.ts';
import type {Boot, Effect, Held, Undo} from '../model/setting.ts';

/**
 * One kind of tunable: how its addresses read, what the facts say it holds now and will hold after a reboot, and what a
 * change to it disturbs. One file each in this folder, listed in `kinds.ts`; all pure.
 */
export type ResourceKind = {
  /** The first word of its setting ids: `sysctl`, `nic`, `irq`, `queue`, `boot` … */
  kind: string;
  /** What a correct address looks like after the kind, for messages: `NODE SIZEkB`. */
  form: string;
  /** Whether `rest`, the id without its kind, is a well-formed address of this kind. */
  knows(rest: string): boolean;
  /** Why `want` can never be a value of this address, whatever the host: undefined when it can. */
  problem?(rest: string, want: string): string | undefined;
  /**
   * What must be read of the host to know this address, beyond the facts that every probe reads: sh text in the probe's
   * functions that says one frame `say "asked KIND REST" TEXT`, which `askedOf` finds again. `want` is the value, wanted or
   * earlier, that the address is looked at for. Only kinds that recipes ask for have it.
   */
  reads?(rest: string, want: string): string;
  /** What it holds lies on disk: at the next boot it is what it is now. `boot` is then never asked. */
  onDisk?: true;
  /** A value as a person reads it in a table and in logs, where the value itself is long: `12 lines, 0644 root:root`. */
  shown?(value: string): string;
  live(facts: Facts, rest: string): Held;
  boot(facts: Facts, rest: string): Boot;
  effect(facts: Facts, rest: string): Effect;
  undo(facts: Facts, rest: string, want: string): Undo;
  /** Whether what is held is what is wanted, in this kind's normal form (white space, driver rounding, mask width). */
  same(facts: Facts, rest: string, held: string, want: string): boolean;
  /** What can really be had of `want`: a ring cut down to the NIC's maximum, with the sentence that says so. */
  limit?(facts: Facts, rest: string, want: string): {want: string; limit?: string};
  /** What makes the address hold `want` at once; undefined where only a reboot can. Also used, with the earlier value, to undo. */
  steps?(facts: Facts, rest: string, want: string): readonly Step[] | undefined;
  /**
   * What brings back the state that the facts show once `want` was set, where that is more than `steps` with the live value;
   * undefined where the facts do not tell enough.
   */
  restore?(facts: Facts, rest: string, want: string): readonly Step[] | undefined;
  /** Where `want` goes so that it holds after a reboot; undefined where nothing can make it last. */
  lasting?(facts: Facts, rest: string, want: string): Lasting | undefined;
  /** Why nobody can change it on this host though it can be read: `[fixed]` features, kernel-managed IRQs. */
  fixed?(facts: Facts, rest: string, want: string): string | undefined;
};
