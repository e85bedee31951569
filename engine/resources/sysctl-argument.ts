import type {Facts} from '../facts/facts.ts';
import {moduleOfKey} from '../facts/sysctls.ts';
import {isUnknown} from '../model/known.ts';
import {compareVersions} from '../model/version.ts';
import {nextArgument, runningArgument} from './kernel-arguments.ts';

type Found = {value: string; by: string};

/**
 * What the kernel's own `sysctl.KEY=VALUE` sets at the next boot, with the file and the argument; undefined where none
 * does. Kernels take it from 5.8 on (do_sysctl_args, kernel-parameters.txt), right before init starts, so that sysctl.d
 * comes later; dots and slashes both part the key, and what a module brings is not there yet. Where the next command line
 * is unknown, the running one stands for it.
 */
export const sysctlArgument = (facts: Facts, key: string): Found | undefined => {
  const module = moduleOfKey(key);
  const late = module !== undefined && (facts.sysctls.live[key] === 'absent' || facts.modules.loaded.includes(module));
  // A dot in an interface's name is taken for a slash.
  if (late || key.includes('.') || compareVersions(facts.os.kernel, '5.8') < 0) return undefined;
  for (const name of [`sysctl.${key.replaceAll('/', '.')}`, `sysctl.${key}`]) {
    const next = nextArgument(facts, name);
    if (next) return {value: next.value, by: `${next.by} ${name}`};
    const running = isUnknown(facts.boot.nextCommandLine) ? runningArgument(facts, name) : undefined;
    if (running !== undefined) return {value: running, by: `/proc/cmdline ${name}`};
  }
  return undefined;
};
