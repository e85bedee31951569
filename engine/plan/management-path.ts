import type {Facts} from '../facts/facts.ts';
import type {Route} from '../facts/network.ts';
import type {Nic} from '../facts/nic.ts';
import {naturalOrder} from './natural-order.ts';

/** `::ffff:10.0.0.1` and `fe80::1%eth0` as `ip` would print them. */
const plainAddress = (address: string): string =>
  address
    .replace(/^::ffff:(?=\d+\.)/i, '')
    .replace(/%.*$/, '')
    .toLowerCase();

const interfacesOfAddress = (facts: Facts, address: string): readonly string[] => {
  const scope = /%(.+)$/.exec(address)?.[1];
  if (scope !== undefined) return [scope];
  const plain = plainAddress(address);
  return facts.network.addresses.flatMap((one) => (one.address.toLowerCase() === plain ? [one.interface] : []));
};

const toNumber = (address: string): number | undefined => {
  const parts = address.split('.').map(Number);
  if (parts.length !== 4 || parts.some((part) => !(part >= 0 && part <= 255))) return undefined;
  return parts.reduce((sum, part) => sum * 256 + part, 0);
};

const prefixLength = (route: Route, address: number): number => {
  const [network = '', length = '32'] = route.to.split('/');
  const base = toNumber(network);
  const size = 2 ** (32 - Number(length));
  return base !== undefined && Math.floor(base / size) === Math.floor(address / size) ? Number(length) : -1;
};

/** The interfaces that lead to an IPv4 server by the main table; default routes are on the path anyway. */
const interfacesTowards = (facts: Facts, server: string): readonly string[] => {
  const address = toNumber(server);
  if (address === undefined) return [];
  const matching = facts.network.routes
    .map((route) => ({route, length: route.to === 'default' ? -1 : prefixLength(route, address)}))
    .filter(({length}) => length >= 0);
  const longest = Math.max(-1, ...matching.map(({length}) => length));
  return matching.filter(({length}) => length === longest).map(({route}) => route.interface);
};

const tops = (facts: Facts): readonly string[] => {
  const {sshConnection} = facts.os;
  const server = facts.network.networkRoot?.server;
  return [
    ...(sshConnection ? interfacesOfAddress(facts, sshConnection.serverAddress) : []),
    ...facts.network.routes.filter(({to}) => to === 'default').map((route) => route.interface),
    ...(server === undefined ? [] : interfacesTowards(facts, server)),
  ];
};

/** Azure's accelerated networking puts a VF with the same MAC under the synthetic interface (netvsc.rst). */
const twin = (nic: Nic, other: Nic): boolean => nic.driver === 'hv_netvsc' && other !== nic && other.mac === nic.mac;

// A reset of one port of a function resets what shares the function (mlx4 has both ports on one).
const sameFunction = (nic: Nic, other: Nic): boolean => nic.pci !== undefined && nic.pci.address === other.pci?.address;

const below = (facts: Facts, byName: ReadonlyMap<string, Nic>, nic: Nic): readonly string[] => [
  ...nic.lower,
  ...(nic.bond?.members.map(({name}) => name) ?? []),
  ...(nic.kind === 'vrf' ? facts.nics.filter(({upper}) => upper.includes(nic.name)).map(({name}) => name) : []),
  ...facts.nics.filter((other) => twin(nic, other) || sameFunction(nic, other)).map(({name}) => name),
  ...nic.upper.filter((name) => byName.get(name)?.kind === 'vrf'),
];

/**
 * The interfaces that carry the connection which manages this host, from the top of the stack down: those that hold the
 * address SSH came in by, that default routes of any table go out by, and that the root file system hangs on, with all
 * that they run over (VLAN, bridge, bond, team, netvsc and its VF, VRF members).
 */
export const managementPath = (facts: Facts): readonly string[] => {
  const byName = new Map(facts.nics.map((nic) => [nic.name, nic]));
  const path = new Set<string>();
  let level = [...new Set(tops(facts))].sort(naturalOrder);
  while (level.length > 0) {
    const next = new Set<string>();
    for (const name of level) {
      const nic = byName.get(name);
      if (!nic || nic.kind === 'loopback' || path.has(name)) continue;
      path.add(name);
      for (const lower of below(facts, byName, nic)) next.add(lower);
    }
    level = [...next].sort(naturalOrder);
  }
  return [...path];
};
