import {sysctlScript, winningLine} from '../facts/sysctls.ts';
import {tunedValue, ufwSysctl} from './other-programs.ts';
import type {ResourceKind} from './resource.ts';
import {sysctlArgument} from './sysctl-argument.ts';
import {sysctlNow, sysctlSteps} from './sysctl-steps.ts';
import {sameWords} from './values.ts';

// Once set, the kernel refuses to take these back until it is rebooted (Documentation/admin-guide/sysctl/kernel.rst).
const LATCHES: Readonly<Record<string, string>> = {
  'kernel/unprivileged_bpf_disabled': '1',
  'kernel/kexec_load_disabled': '1',
  'kernel/modules_disabled': '1',
};

// What it takes away does not come back by itself: addresses, and the default routes that routers announced
// (addrconf_disable_change, rt6_purge_dflt_routers).
const LOSING = /^net\/ipv6\/conf\/(?:[^/]+\/disable_ipv6|all\/forwarding)$/;

/** Kernel parameters below /proc/sys: `sysctl net/core/rmem_max`. Vectors are compared word by word. */
export const sysctl: ResourceKind = {
  kind: 'sysctl',
  form: 'KEY, e.g. net.core.somaxconn',
  knows: (rest) => /^[\w*.@:%-]+(?:\/[\w*.@:%-]+)+$/.test(rest),
  problem: (_rest, want) =>
    /[\r\n\0]/.test(want) ? 'holds a line break' : want.trim() === '' ? 'is empty' : undefined,
  reads: sysctlScript,
  live: (facts, rest) => facts.sysctls.live[rest] ?? {unreadable: 'this probe did not read it'},
  boot: (facts, rest) => {
    const line = winningLine(facts.sysctls.configured, rest);
    // ufw comes after sysctl.d; TuneD before it, as it applies sysctl.d once more by default (reapply_sysctl).
    const other = ufwSysctl(facts, rest) ?? (line ? undefined : tunedValue(facts, 'sysctl', rest));
    if (other) return {held: {value: other.value}, by: other.by};
    if (line) return {held: {value: line.value}, by: line.at};
    const argument = sysctlArgument(facts, rest);
    return argument ? {held: {value: argument.value}, by: argument.by} : {held: 'default'};
  },
  effect: () => 'live',
  undo: (_facts, rest, want) =>
    LATCHES[rest] === want.trim() ? 'never' : LOSING.test(rest) && want.trim() !== '0' ? 'approximate' : 'exact',
  same: (_facts, _rest, a, b) => sameWords(a, b),
  steps: (_facts, rest, want) => sysctlSteps(rest, want),
  restore: sysctlNow,
};
