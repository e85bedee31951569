import type {Frames} from './frames.ts';
import {present} from './present.ts';

/** What `ip -d link` tells of an interface beyond sysfs. */
export type Link = {
  name: string;
  /** The rtnetlink kind: `veth`, `bond`, `vlan`, `vrf`, `dummy` …; absent for hardware. */
  kind?: string;
  up: boolean;
  mtu?: number;
  maxMtu?: number;
  mac?: string;
  qdisc?: string;
  vlanId?: number;
  vrfTable?: number;
  xdp?: {mode: string; program: string};
};

const HEAD = /^(\d+): (\S+): <([^>]*)>(.*)$/;
// The first word of a line of details, unless that line says something else than the kind: `bond_slave`, `link/ether`.
const KIND = /^ {4}(?!alias|altname|vf|promiscuity)([a-z][a-z0-9]*) /m;
const XDP = / (xdp|xdpgeneric|xdpdrv|xdpoffload|xdpmulti)(?:\/id:(\d+))? /;

const numberAfter = (text: string, word: RegExp): number | undefined => {
  const found = word.exec(text)?.[1];
  return found === undefined ? undefined : Number(found);
};

// With -d the program has a line of its own; without it, and in early builds, its id stands behind the mode.
const xdpOf = (head: string, body: string): Link['xdp'] => {
  const match = XDP.exec(head);
  const line = /^ {4}prog\/xdp (.*?)(?: jited.*| load_time.*)?$/m.exec(body)?.[1]?.trim();
  if (!match && line === undefined) return undefined;
  return {mode: match?.[1] ?? 'xdp', program: line ?? (match?.[2] === undefined ? '' : `id ${match[2]}`)};
};

const linkOf = (name: string, flags: string, head: string, body: string): Link => {
  const kind = KIND.exec(body)?.[1];
  return present({
    name,
    kind,
    up: flags.split(',').includes('UP'),
    mtu: numberAfter(head, / mtu (\d+)/),
    // 0 is a driver without a limit of its own.
    maxMtu: numberAfter(body, / maxmtu ([1-9]\d*)/),
    mac: /^ {4}link\/\S+ ([0-9a-f]{2}(?::[0-9a-f]{2})+)/m.exec(body)?.[1],
    qdisc: / qdisc (\S+)/.exec(head)?.[1],
    vlanId: kind === 'vlan' ? numberAfter(body, / id (\d+)/) : undefined,
    vrfTable: kind === 'vrf' ? numberAfter(body, /^ {4}vrf table (\d+)/m) : undefined,
    xdp: xdpOf(head, body),
  });
};

/**
 * `ip -d link show` by interface name. `eth0@if5` is printed for a stacked interface, yet `@` may stand in a name too:
 * `nameOf` resolves the interface index where sysfs tells it.
 */
export const linksOf = (frames: Frames, nameOf: (index: number) => string | undefined): ReadonlyMap<string, Link> => {
  const links = new Map<string, Link>();
  const paragraphs = (frames.runs.get('ip link')?.output ?? '').split(/\n(?=\d+: )/);
  for (const paragraph of paragraphs) {
    const [first = '', ...rest] = paragraph.split('\n');
    const match = HEAD.exec(first);
    if (!match) continue;
    const [, index, shown = '', flags = '', head = ''] = match;
    const name = nameOf(Number(index)) ?? shown.replace(/@[^@]*$/, '');
    links.set(name, linkOf(name, flags, head, rest.join('\n')));
  }
  return links;
};

/**
 * Root qdiscs by interface from `tc qdisc show`: `fq_codel`, or `mq fq` with the kinds of the leaves where the root is
 * one that only spreads over the queues. Interfaces are absent where `tc` is, and where it prints no qdisc.
 */
export const qdiscsOf = (frames: Frames): ReadonlyMap<string, string> => {
  const roots = new Map<string, string>();
  const leaves = new Map<string, Set<string>>();
  for (const line of (frames.runs.get('tc qdisc')?.output ?? '').split('\n')) {
    const [, kind = '', name = '', place] = /^qdisc (\S+) \S+ dev (\S+) (root|parent)/.exec(line) ?? [];
    if (place === 'root') roots.set(name, kind);
    else if (place === 'parent') leaves.set(name, (leaves.get(name) ?? new Set()).add(kind));
  }
  for (const [name, root] of roots) {
    const below = [...(leaves.get(name) ?? [])].filter((kind) => kind !== 'ingress' && kind !== 'clsact').sort();
    if (root.startsWith('mq') && below.length > 0) roots.set(name, `${root} ${below.join(' ')}`);
  }
  return roots;
};
