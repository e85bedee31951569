import type {Change} from '../../model/change.ts';
import type {SettingId} from '../../model/setting.ts';

/** What the one-shot entry is made from, in the words of the boot loader that reads it. */
export type TrialEntry =
  /** The menu entry of this grub.cfg that starts this kernel with these arguments: image and arguments in one line. */
  | {loader: 'grub'; config: string; linux: string}
  /** An entry of the Boot Loader Specification, read by GRUB or by systemd-boot. */
  | {loader: 'bls' | 'systemd-boot'; copies: string};

/** A boot that is tried once, and made to last only when the host has come back from it. */
export type Trial = {
  /** What is tried, for people: `isolcpus=2-3 nohz_full=2-3`. */
  tries: string;
  /** What boots: a copy of this entry … */
  entry: TrialEntry;
  /** … with these arguments and the trial's own. */
  commandLine: string;
  /** Makes it last, once it is kept. */
  lasting: readonly Change[];
  /** The settings that it is about. */
  carries: readonly SettingId[];
};

/** Seconds from the trial kernel's start until the host goes back by itself: time to boot and to be confirmed. */
export const trialDeadline = (confirmSeconds: number): number => 240 + confirmSeconds;

/** One trial on one host. */
export type TrialSpec = {
  trial: Trial;
  /** As a run's: its journal lies among theirs. */
  id: string;
  host: string;
  by: string;
  at: string;
  /** Of the plan that asked for it. */
  digest: string;
  /** `trialDeadline`. */
  deadline: number;
};
