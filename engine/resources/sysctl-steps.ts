import type {Facts} from '../facts/facts.ts';
import {counterpartOf, disturbedBy, RECKONED} from '../facts/sysctl-disturbed.ts';
import type {Step} from '../model/change.ts';
import {known} from '../model/known.ts';
import {queuesNow} from './queue-steps.ts';

/** A write below /proc/sys. */
export const sysctlSteps = (key: string, want: string): readonly Step[] => [
  {do: 'write', path: `/proc/sys/${key}`, text: want, ...(key === RECKONED && {ifOther: true})},
];

const valueOf = ({sysctls}: Facts, key: string): string | undefined => {
  const held = sysctls.live[key];
  return typeof held === 'object' && 'value' in held ? held.value : undefined;
};

/** Keys with their values that a key or a glob of keys (one star for one part) stands for. */
const matching = (facts: Facts, pattern: string): readonly (readonly [key: string, value: string])[] => {
  const [before = '', after = ''] = pattern.split('*');
  return Object.keys(facts.sysctls.live).flatMap((key) => {
    const fits = pattern.includes('*')
      ? key.startsWith(before) && key.endsWith(after) && !key.slice(before.length, -after.length).includes('/')
      : key === pattern;
    const value = fits ? valueOf(facts, key) : undefined;
    return value === undefined ? [] : [[key, value] as const];
  });
};

// Forwarding switches large receive offload off on every device (dev_disable_lro), and nothing switches it on again; drivers
// remake their queues for it.
const lroNow = (facts: Facts): readonly Step[] =>
  facts.nics.flatMap((nic): readonly Step[] => {
    const lro = known(nic.features)?.['large-receive-offload'];
    if (!lro?.on || lro.fixed) return [];
    const argv = ['ethtool', '-K', nic.name, 'large-receive-offload', 'on'];
    return [{do: 'run', argv, optional: true}, ...queuesNow(facts, nic)];
  });

const FORWARDING = /^net\/ipv4\/(?:ip_forward|conf\/all\/forwarding)$/;

/**
 * Brings a key back, and after it the keys that the kernel rewrites along with it. Undefined where the facts do not tell
 * what those held.
 */
export const sysctlNow = (facts: Facts, key: string): readonly Step[] | undefined => {
  const before = valueOf(facts, key);
  if (before === undefined) return undefined;
  const counterpart = counterpartOf(key);
  const disturbed = disturbedBy(key).map((pattern) => matching(facts, pattern));
  if (disturbed.some((found) => found.length === 0)) return undefined;
  // Of a pair the one that holds 0 does not rule, and 0 cannot be written (dirty_bytes_handler).
  if (counterpart !== undefined && before === '0') return sysctlSteps(counterpart, valueOf(facts, counterpart) ?? '');
  if (counterpart !== undefined) return sysctlSteps(key, before);
  return [
    ...sysctlSteps(key, before),
    ...disturbed.flat().flatMap(([other, value]) => (other === key ? [] : sysctlSteps(other, value))),
    ...(FORWARDING.test(key) ? lroNow(facts) : []),
  ];
};
