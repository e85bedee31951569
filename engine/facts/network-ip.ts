import type {Frames} from './frames.ts';
import type {Address, Route} from './network.ts';
import {present} from './present.ts';

const ADDRESS = /^\d+: (\S+)\s+inet(6?) ([0-9a-f.:]+)(?: peer [0-9a-f.:]+)?(?:\/(\d+))? /;

/** `ip -o addr`. A point-to-point address stands before `peer`, its prefix behind the peer's. */
export const ipAddresses = (output: string): readonly Address[] =>
  output.split('\n').flatMap((line) => {
    const [, name, six, address, prefix] = ADDRESS.exec(line) ?? [];
    if (name === undefined || address === undefined) return [];
    const family = six === '6' ? 6 : 4;
    return {
      interface: name,
      family,
      address,
      prefix: prefix === undefined ? (family === 4 ? 32 : 128) : Number(prefix),
    };
  });

const wordAfter = (text: string, word: string): string | undefined =>
  new RegExp(`(?:^| )${word} (\\S+)`).exec(text)?.[1];

// `via inet6 fe80::1` is an IPv4 route over an IPv6 neighbour.
const hop = (text: string): {interface: string; via?: string} | undefined => {
  const name = wordAfter(text, 'dev');
  if (name === undefined) return undefined;
  return present({interface: name, via: / via (?:inet6? )?(\S+)/.exec(` ${text}`)?.[1]});
};

const routesOfLine = (line: string, family: 4 | 6): readonly Route[] => {
  const to = line.split(' ')[0] ?? '';
  if (to !== 'default' && !/^[0-9a-f.:]+(?:\/\d+)?$/.test(to)) return [];
  const [common = '', ...nexthops] = line.split(/\\?\s*nexthop /);
  const metric = / metric (\d+)/.exec(common)?.[1];
  const hops = (nexthops.length > 0 ? nexthops : [common]).flatMap((text) => hop(text) ?? []);
  const table = wordAfter(common, 'table') ?? 'main';
  return hops.map(({interface: name, via}) =>
    present({family, to, via, interface: name, table, metric: metric === undefined ? undefined : Number(metric)}),
  );
};
/**
 * `ip -o route show table all`, one family a call: a bare `default dev tun0` does not tell its own. Each next hop of a
 * multipath route is a route here; those that lead nowhere (`unreachable default`) are left out.
 */
export const ipRoutes = (frames: Frames): readonly Route[] =>
  ([4, 6] as const).flatMap((family) =>
    (frames.runs.get(`ip -${String(family)} route`)?.output ?? '')
      .split('\n')
      .flatMap((line) => routesOfLine(line.trim(), family)),
  );
