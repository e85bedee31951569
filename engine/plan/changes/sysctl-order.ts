import type {Setting} from '../../model/setting.ts';
import {splitId} from '../../resources/lookup.ts';
import {words} from '../../resources/values.ts';

// They reset per-interface conf, which must come after (inet_forward_change, addrconf_fixup_forwarding).
const FIRST = /^net\/(?:ipv4\/ip_forward|ipv[46]\/conf\/all\/forwarding)$/;

/** The first may never be above the second: the kernel refuses it, or what is below the floor or above the ceiling is lost. */
const BELOW: readonly (readonly [string, string])[] = [
  ['net/ipv4/ip_unprivileged_port_start', 'net/ipv4/ip_local_port_range'],
  ['net/ipv4/ipfrag_low_thresh', 'net/ipv4/ipfrag_high_thresh'],
  ['net/ipv6/ip6frag_low_thresh', 'net/ipv6/ip6frag_high_thresh'],
  ['net/core/rmem_default', 'net/core/rmem_max'],
  ['net/core/wmem_default', 'net/core/wmem_max'],
  ['net/ipv4/tcp_rmem', 'net/core/rmem_max'],
  ['net/ipv4/tcp_wmem', 'net/core/wmem_max'],
  ['net/ipv4/tcp_max_syn_backlog', 'net/core/somaxconn'],
  ...['ipv4', 'ipv6'].flatMap((family): (readonly [string, string])[] => [
    [`net/${family}/neigh/default/gc_thresh1`, `net/${family}/neigh/default/gc_thresh2`],
    [`net/${family}/neigh/default/gc_thresh2`, `net/${family}/neigh/default/gc_thresh3`],
  ]),
];

/** The hash grows before the table that fills it. */
const BEFORE: readonly (readonly [string, string])[] = [
  ['net/netfilter/nf_conntrack_buckets', 'net/netfilter/nf_conntrack_max'],
];

const numberOf = (value: string): number => Number(words(value)[0]);

const grows = ({live, want}: Setting): boolean =>
  typeof live !== 'object' || !('value' in live) || numberOf(want) >= numberOf(live.value);

/** Pairs of keys whose first must be written before the second. */
const edges = (byKey: ReadonlyMap<string, Setting>): readonly (readonly [string, string])[] => [
  ...BEFORE,
  ...BELOW.map(([low, high]) => {
    const upper = byKey.get(high);
    return upper && grows(upper) ? ([high, low] as const) : ([low, high] as const);
  }),
];

const keyOf = ({id}: Setting): string => splitId(id).rest;

/**
 * Kernel parameters in an order in which the kernel takes them: what resets others first, ceilings before what they cap
 * (the other way round where they come down); otherwise as they stand.
 */
export const inSysctlOrder = (settings: readonly Setting[]): readonly Setting[] => {
  const byKey = new Map(settings.map((setting) => [keyOf(setting), setting]));
  const before = edges(byKey).filter(([first, then]) => byKey.has(first) && byKey.has(then));
  const left = new Set([...byKey.keys()].sort((a, b) => Number(FIRST.test(b)) - Number(FIRST.test(a))));
  const ordered: Setting[] = [];
  while (left.size > 0) {
    // The pairs have no cycle: high goes before low, or low before high, along one line of keys.
    const next = [...left].find((key) => !before.some(([first, then]) => then === key && left.has(first)));
    const setting = byKey.get(next ?? '');
    if (next === undefined || setting === undefined) break;
    left.delete(next);
    ordered.push(setting);
  }
  return ordered;
};
