/** A consistent replacement: the same text always gives the same answer, two different texts never do. */
export type Replacement = (text: string) => string;

/** Numbers its arguments in the order of their first appearance, from 0. */
export const numbering = (): ((key: string) => number) => {
  const seen = new Map<string, number>();
  return (key) => {
    const number = seen.get(key) ?? seen.size;
    seen.set(key, number);
    return number;
  };
};

const hex = (number: number, digits: number): string => number.toString(16).padStart(digits, '0');

/** Keeps the vendor's three octets and numbers the rest; InfiniBand's twenty octets keep all but the last three. */
export const macReplacement = (): Replacement => {
  const number = numbering();
  return (mac) => {
    if (/^(?:00:)+00$|^(?:ff:)+ff$/i.test(mac)) return mac;
    const keep = mac.length - 8;
    const serial = hex(number(mac.toLowerCase()), 6);
    return `${mac.slice(0, keep)}${serial.slice(0, 2)}:${serial.slice(2, 4)}:${serial.slice(4)}`;
  };
};

// RFC 5737, then RFC 2544's benchmarking range: 515 networks of 256 addresses.
const DOCUMENTATION = ['192.0.2', '198.51.100', '203.0.113'];

const network4 = (index: number): string =>
  DOCUMENTATION[index] ?? `198.${String(18 + (Math.floor((index - 3) / 256) % 2))}.${String((index - 3) % 256)}`;

// This host, loopback, link-local, multicast and netmasks tell nothing about whose host it is.
const harmless4 = ([first = 0, second = 0]: readonly number[]): boolean =>
  first === 0 || first === 127 || first >= 224 || (first === 169 && second === 254);

/** Each network of 256 addresses becomes one of the documentation ranges; places in it stay, and so do subnets. */
export const ipv4Replacement = (): Replacement => {
  const number = numbering();
  return (address) => {
    const octets = address.split('.').map(Number);
    if (octets.some((octet) => octet > 255) || harmless4(octets)) return address;
    const place = address.lastIndexOf('.');
    return `${network4(number(address.slice(0, place)))}${address.slice(place)}`;
  };
};

/** The eight groups of an IPv6 address; undefined when it is none. */
const groupsOf = (address: string): readonly string[] | undefined => {
  const [before = '', after, more] = address.split('::');
  if (more !== undefined) return undefined;
  const head = before === '' ? [] : before.split(':');
  const tail = after === undefined || after === '' ? [] : after.split(':');
  const missing = 8 - head.length - tail.length;
  if (after === undefined ? missing !== 0 : missing < 1) return undefined;
  const groups = [...head, ...Array.from({length: missing}, () => '0'), ...tail];
  return groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))
    ? groups.map((group) => group.toLowerCase().padStart(4, '0'))
    : undefined;
};

/** Each network of 64 bits becomes one below 2001:db8::/32, each interface part a number; link-local ones keep fe80::. */
export const ipv6Replacement = (): Replacement => {
  const network = numbering();
  const part = numbering();
  return (address) => {
    const groups = groupsOf(address);
    if (groups === undefined) return address;
    const upper = groups.slice(0, 4).join(':');
    const lower = groups.slice(4).join(':');
    const emptyPart = lower === '0000:0000:0000:0000';
    if (groups[0]?.startsWith('ff') === true || upper === '0000:0000:0000:0000') return address;
    const host = emptyPart ? '' : hex(part(lower) + 1, 1);
    if (upper === 'fe80:0000:0000:0000') return `fe80::${host}`;
    return `2001:db8:0:${hex(network(upper), 1)}::${host}`;
  };
};

const full = (address: string): string => (groupsOf(address) ?? []).join('');

/** The same for /proc/net/if_inet6 and ipv6_route, which write 32 digits without colons. */
export const hexIpv6 =
  (replace: Replacement): Replacement =>
  (digits) => {
    const address = (digits.match(/.{4}/g) ?? []).join(':');
    return full(replace(address));
  };

/** The same for /proc/net/route, which writes an address as one number, the last octet first on little-endian machines. */
export const hexIpv4 =
  (replace: Replacement): Replacement =>
  (digits) => {
    const octets = (digits.match(/../g) ?? []).map((octet) => Number.parseInt(octet, 16));
    const replaced = replace(octets.toReversed().join('.')).split('.');
    return replaced
      .toReversed()
      .map((octet) => hex(Number(octet), 2))
      .join('')
      .toUpperCase();
  };
