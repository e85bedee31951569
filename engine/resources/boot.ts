import {parseCpuList} from '../model/cpulist.ts';
import {isUnknown} from '../model/known.ts';
import {argumentHeld, nextArgument, PRESENT, runningArgument} from './kernel-arguments.ts';
import type {ResourceKind} from './resource.ts';

const CPU_ARGUMENTS = new Set(['isolcpus', 'nohz_full', 'rcu_nocbs', 'irqaffinity', 'kthread_cpus']);

type Isolation = {flags: readonly string[]; cpus: string};

/** `managed_irq,domain,2-7` as its flags and its CPUs spelled out; no flag at all means `domain` (housekeeping_isolcpus_setup). */
const isolation = (value: string): Isolation => {
  const parts = value.trim().split(',');
  const flags = parts.filter((part) => /^[a-z_]+$/i.test(part));
  const list = parts.filter((part) => !flags.includes(part)).join(',');
  return {flags: flags.length === 0 ? ['domain'] : flags, cpus: parseCpuList(list)?.join(',') ?? list};
};

/** Whether an argument does all that is wanted of it: `managed_irq` on top of `domain` keeps interrupts away too. */
const isolates = (held: Isolation, want: Isolation): boolean =>
  held.cpus === want.cpus && want.flags.every((flag) => held.flags.includes(flag));

const normal = (value: string): string => (value.trim() === '' ? PRESENT : value.trim());

/** Kernel arguments: `boot isolcpus`. A bare flag holds `present`; the wanted value `absent` takes an argument away. */
export const boot: ResourceKind = {
  kind: 'boot',
  form: 'ARGUMENT, e.g. isolcpus',
  knows: (rest) => /^[\w.-]+$/.test(rest),
  problem: (_rest, want) => (/[\s"'\\]/.test(want) ? 'holds a blank, a quote or a backslash' : undefined),
  live: (facts, rest) => argumentHeld(runningArgument(facts, rest)),
  boot: (facts, rest) => {
    const {nextCommandLine, configuredIn} = facts.boot;
    if (isUnknown(nextCommandLine)) return {held: {unreadable: nextCommandLine.unknown}};
    const argument = nextArgument(facts, rest);
    if (argument) return {held: {value: argument.value}, by: argument.by};
    return {held: 'absent', ...(configuredIn[0] === undefined ? {} : {by: configuredIn[0]})};
  },
  effect: () => 'reboot',
  undo: () => 'reboot',
  same: (_facts, rest, held, want) =>
    normal(held) === normal(want) || (CPU_ARGUMENTS.has(rest) && isolates(isolation(held), isolation(want))),
};
