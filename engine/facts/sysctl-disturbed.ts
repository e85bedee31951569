// inet_forward_change() of net/ipv4/devinet.c sets these whenever forwarding is switched.
const FORWARDING = ['net/ipv4/conf/all/accept_redirects', 'net/ipv4/conf/*/forwarding'];

// Writing one of a pair sets the other to 0 (Documentation/admin-guide/sysctl/vm.rst).
const PAIRS: readonly (readonly [string, string])[] = [
  ['vm/dirty_bytes', 'vm/dirty_ratio'],
  ['vm/dirty_background_bytes', 'vm/dirty_background_ratio'],
  ['vm/overcommit_kbytes', 'vm/overcommit_ratio'],
];

/** The key that rules instead of this one where this one holds 0, and that writing this one sets to 0. */
export const counterpartOf = (key: string): string | undefined => {
  const pair = PAIRS.find((keys) => keys.includes(key));
  return pair?.[0] === key ? pair[1] : pair?.[0];
};

/**
 * How much memory is kept free the kernel works out at boot, and anew whenever the switch of transparent huge pages is written,
 * by the memory that is managed then: the boot's own value does not come back by itself. Once somebody has written it, the
 * kernel only ever raises it (set_recommended_min_free_kbytes of mm/khugepaged.c, calculate_min_free_kbytes).
 */
export const RECKONED = 'vm/min_free_kbytes';

const DISTURBED: Readonly<Record<string, readonly string[]>> = {
  'net/ipv4/ip_forward': FORWARDING,
  'net/ipv4/conf/all/forwarding': FORWARDING,
  'net/ipv6/conf/all/forwarding': ['net/ipv6/conf/*/forwarding'],
};

/** Keys, or globs of keys, that the kernel itself rewrites when this one is written; slash form. */
export const disturbedBy = (key: string): readonly string[] => {
  const counterpart = counterpartOf(key);
  return DISTURBED[key] ?? (counterpart === undefined ? [] : [counterpart]);
};
