import type {Fact} from './fact.ts';
import {ipAddresses, ipRoutes} from './network-ip.ts';
import {procAddresses, procRoutes} from './network-proc.ts';
import {ROOT_SCRIPT, networkRootOf} from './network-root.ts';
import type {Network} from './network.ts';
import {present} from './present.ts';

/** Routes read of a main table; default routes come whole. A router's full table has a million. */
const MOST_ROUTES = 4000;

const SCRIPT = String.raw`
net_routes() {
  ip "$1" -o route show table all 2>&1 | sed -n -e '/ table local /d' -e '/^default/{p;d;}' -e '1,${String(MOST_ROUTES)}{/ table /!p;}'
}
if has ip; then
  x 'ip addr' ip -o addr show
  x 'ip -4 route' net_routes -4
  x 'ip -6 route' net_routes -6
else
  b /proc/net/fib_trie /proc/net/route /proc/net/if_inet6 /proc/net/ipv6_route
fi
${ROOT_SCRIPT}`;

/** Addresses, routes, and what the root file system hangs on. */
export const network: Fact<Network> = {
  name: 'network',
  script: () => SCRIPT,
  parse: (frames) => {
    const addresses = frames.runs.get('ip addr')?.output;
    return present({
      addresses: addresses === undefined ? procAddresses(frames) : ipAddresses(addresses),
      routes: addresses === undefined ? procRoutes(frames) : ipRoutes(frames),
      networkRoot: networkRootOf(frames),
    });
  },
};
