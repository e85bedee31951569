import {sysctlKey} from '../model/sysctl-key.ts';

const FORMS: Readonly<Record<string, RegExp>> = {
  sysctl: /^[a-z0-9_-]+(?:\/[A-Za-z0-9_.:@*-]+)+$/,
  cpu: /^(?:governor|max-idle-latency|smt)$/,
  thp: /^enabled$/,
  hugepages: /^(?:each|\d+) \d+kB$/,
  boot: /^[A-Za-z0-9_.-]+$/,
  module: /^[a-z0-9_]+ [A-Za-z0-9_]+$/,
  limit: /^(?:nofile|memlock)$/,
  mount: /^\/[A-Za-z0-9_./-]+$/,
  nic: new RegExp(
    [
      String.raw`^ring\.(?:rx|rx-mini|rx-jumbo|tx|tx-push-buf-len)$`,
      String.raw`^channels\.(?:rx|tx|combined)$`,
      String.raw`^(?:coalesce|feature)\.[a-z0-9-]+$`,
      String.raw`^private\.[A-Za-z0-9_-]+$`,
      String.raw`^pause\.(?:autonegotiate|rx|tx)$`,
      String.raw`^(?:mtu|txqueuelen|bql\.limit_min|napi_defer_hard_irqs|gro_flush_timeout|threaded)$`,
    ].join('|'),
  ),
  rule: /^(?:irq|rps|rfs|xps|channels|rss|irqbalance)$/,
};

/** The words that each topology rule understands; `rule rfs` also takes a number of flow entries. */
export const RULE_WORDS: Readonly<Record<string, readonly string[]>> = {
  'rule irq': ['spread', 'leave'],
  'rule rps': ['auto', 'off', 'leave'],
  'rule rfs': ['off', 'leave'],
  'rule xps': ['auto', 'clear', 'leave'],
  'rule channels': ['local-cores', 'cpus', 'leave'],
  'rule rss': ['equal', 'leave'],
  'rule irqbalance': ['ban', 'stop', 'leave'],
};

/** An address of `SheetEntry.set` in its one form (sysctl keys with slashes, single blanks); undefined when it is none. */
export const canonicalAddress = (set: string): string | undefined => {
  const [kind = '', ...words] = set.trim().split(/\s+/);
  const rest = words.map((word) => (kind === 'sysctl' ? sysctlKey(word) : word)).join(' ');
  return Object.hasOwn(FORMS, kind) && FORMS[kind]?.test(rest) === true ? `${kind} ${rest}` : undefined;
};

/** Whether an address is one of each NIC (`nic …`, `rule …`) and not of the host as a whole. */
export const isNicAddress = (address: string): boolean => address.startsWith('nic ') || address.startsWith('rule ');
