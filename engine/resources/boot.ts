import {parseCpuList} from '../model/cpulist.ts';
import {isUnknown} from '../model/known.ts';
import {argumentHeld, nextArgument, PRESENT, runningArgument} from './kernel-arguments.ts';
import type {ResourceKind} from './resource.ts';

const CPU_ARGUMENTS = new Set(['isolcpus', 'nohz_full', 'rcu_nocbs', 'irqaffinity', 'kthread_cpus']);

/** `managed_irq,domain,2-7` as its flags in order and its CPUs spelled out. */
const normalCpus = (value: string): string => {
  const parts = value.split(',');
  const flags = parts.filter((part) => /^[a-z_]+$/i.test(part)).sort();
  const cpus = parseCpuList(parts.filter((part) => !flags.includes(part)).join(','));
  return cpus === undefined ? value : `${flags.join(',')} ${cpus.join(',')}`;
};

const normal = (name: string, value: string): string => {
  const trimmed = value.trim() === '' ? PRESENT : value.trim();
  return CPU_ARGUMENTS.has(name) ? normalCpus(trimmed) : trimmed;
};

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
  same: (_facts, rest, a, b) => normal(rest, a) === normal(rest, b),
};
