import type {Frames} from './frames.ts';
import type {Address, Route} from './network.ts';
import {present} from './present.ts';

const rows = (frames: Frames, path: string): readonly (readonly string[])[] =>
  (frames.files.get(path) ?? '').split('\n').map((line) => line.trim().split(/\s+/));

// The kernel prints IPv4 in these files as the machine stores it, which little-endian ones do last byte first.
const addressOfHex = (hex: string): string =>
  (hex.match(/../g) ?? [])
    .toReversed()
    .map((byte) => String(Number.parseInt(byte, 16)))
    .join('.');

const onesIn = (hex: string): number => (Number.parseInt(hex, 16).toString(2).match(/1/g) ?? []).length;

/** Prints 32 hex digits as RFC 5952 has it: `fe80::1`. */
export const compressV6 = (hex: string): string => {
  const groups = (hex.match(/.{4}/g) ?? []).map((group) => group.replace(/^0{1,3}/, ''));
  const runs = [...groups.join(':').matchAll(/(?<![^:])0(?::0)+(?![^:])/g)];
  const [longest] = runs.toSorted((a, b) => b[0].length - a[0].length);
  if (longest === undefined) return groups.join(':');
  const text = groups.join(':');
  const [before, after] = [text.slice(0, longest.index), text.slice(longest.index + longest[0].length)];
  return `${before.replace(/:$/, '')}::${after.replace(/^:/, '')}`;
};

const HEX4 = /^[0-9A-F]{8}$/i;
const HEX6 = /^[0-9a-f]{32}$/i;
const HEX2 = /^[0-9a-f]{2}$/i;

// RTF_LOCAL of include/uapi/linux/ipv6_route.h: the host's own addresses, which are no routes to anywhere.
const RTF_LOCAL = 0x8000_0000;

const v4Routes = (frames: Frames): readonly Route[] =>
  rows(frames, '/proc/net/route').flatMap(([name, to = '', via = '', , , , metric, mask = '']) => {
    if (name === undefined || !HEX4.test(to) || !HEX4.test(via) || !HEX4.test(mask)) return [];
    const prefix = onesIn(mask);
    return present({
      family: 4 as const,
      to: prefix === 0 ? 'default' : `${addressOfHex(to)}/${String(prefix)}`,
      via: /^0+$/.test(via) ? undefined : addressOfHex(via),
      interface: name,
      table: 'main',
      metric: Number(metric) || undefined,
    });
  });

const v6Routes = (frames: Frames): readonly Route[] =>
  rows(frames, '/proc/net/ipv6_route').flatMap(([to = '', length = '', , , via = '', metric, , , flags, name]) => {
    if (name === undefined || name === 'lo' || !HEX6.test(to) || !HEX2.test(length) || !HEX6.test(via)) return [];
    if (Math.floor(Number.parseInt(flags ?? '', 16) / RTF_LOCAL) % 2 === 1 || to.startsWith('ff')) return [];
    const prefix = Number.parseInt(length, 16);
    return present({
      family: 6 as const,
      to: prefix === 0 ? 'default' : `${compressV6(to)}/${String(prefix)}`,
      via: /^0+$/.test(via) ? undefined : compressV6(via),
      interface: name,
      table: 'main',
      metric: Number.parseInt(metric ?? '', 16) || undefined,
    });
  });

/** Routes of the main table by /proc/net alone. */
export const procRoutes = (frames: Frames): readonly Route[] => [...v4Routes(frames), ...v6Routes(frames)];

const toNumber = (address: string): number =>
  address.split('.').reduce((number, byte) => number * 256 + Number(byte), 0);

const contains = (prefix: string, address: string): boolean => {
  const [network = '', length] = prefix.split('/');
  const block = 2 ** (32 - Number(length));
  return Math.floor(toNumber(network) / block) === Math.floor(toNumber(address) / block);
};

// fib_trie lists the host's addresses without interfaces: the connected route around one tells where it lives.
const v4Addresses = (frames: Frames): readonly Address[] => {
  const trie = frames.files.get('/proc/net/fib_trie') ?? '';
  const found = new Set([...trie.matchAll(/\|-- ([\d.]+)\n\s+\/32 host LOCAL/g)].map((match) => match[1] ?? ''));
  const connected = v4Routes(frames).filter((route) => route.via === undefined && route.to !== 'default');
  return [...found].flatMap((address) => {
    const route = connected
      .filter((route) => contains(route.to, address))
      .toSorted((a, b) => Number(b.to.split('/')[1]) - Number(a.to.split('/')[1]))[0];
    if (route) return {interface: route.interface, family: 4, address, prefix: Number(route.to.split('/')[1])};
    return address.startsWith('127.') ? {interface: 'lo', family: 4, address, prefix: 8} : [];
  });
};

const v6Addresses = (frames: Frames): readonly Address[] =>
  rows(frames, '/proc/net/if_inet6').flatMap(([hex = '', , length = '', , , name]) =>
    name === undefined || !HEX6.test(hex) || !HEX2.test(length)
      ? []
      : {interface: name, family: 6, address: compressV6(hex), prefix: Number.parseInt(length, 16)},
  );

/** Addresses by /proc/net alone, where there is no `ip`. */
export const procAddresses = (frames: Frames): readonly Address[] => [...v4Addresses(frames), ...v6Addresses(frames)];
