import type {Nic} from '../facts/nic.ts';
import type {Request} from './request.ts';
import type {PlanVariables} from './variables.ts';

const floor =
  (variables: PlanVariables, variable: string) =>
  (id: string, value: string, why: string, source: string): Request => ({
    id,
    operation: 'atLeast',
    value,
    why,
    source,
    from: {layer: 'topology', at: `sizing rule (${variables.at[variable] ?? `linerate_${variable}`})`},
  });

// Twice the expected number leaves room for what is closing; a quarter more descriptors for all other files.
const forConnections = (variables: PlanVariables): readonly Request[] => {
  const count = variables.expectedConnections;
  if (count === undefined) return [];
  const ask = floor(variables, 'expected_connections');
  const files = String(Math.ceil(count * 1.25));
  const [tracked, open] = [
    `room for twice the ${String(count)} expected connections`,
    `${String(count)} expected connections and a quarter more`,
  ];
  const conntrack = 'kernel Documentation/networking/nf_conntrack-sysctl.rst';
  return [
    ask('sysctl net/netfilter/nf_conntrack_max', String(count * 2), tracked, conntrack),
    // Each connection is hashed in both directions: with as many buckets as connections, chains stay about two long.
    ask('sysctl net/netfilter/nf_conntrack_buckets', String(count * 2), `short hash chains with ${tracked}`, conntrack),
    ask(
      'sysctl fs/nr_open',
      files,
      `caps the descriptors for ${open}`,
      'kernel Documentation/admin-guide/sysctl/fs.rst',
    ),
    ask('limit nofile', files, `a descriptor for each of ${open}`, 'getrlimit(2)'),
  ];
};

// tcp_rmem and tcp_wmem are ints; a window has 1 GiB at most (RFC 7323), of which a buffer needs twice as much.
const LARGEST_BUFFER = 2 ** 31 - 1;

/** Twice the bytes under way at full speed: TCP counts half of its buffer as overhead. */
const forRoundTrip = (variables: PlanVariables, nics: readonly Nic[]): readonly Request[] => {
  const megabits = Math.max(0, ...nics.map((nic) => nic.speedMbps ?? 0));
  const {roundTripMs} = variables;
  if (roundTripMs === undefined || megabits === 0) return [];
  const ask = floor(variables, 'round_trip_ms');
  const bytes = String(Math.min(LARGEST_BUFFER, Math.round(2 * ((megabits * 1e6) / 8) * (roundTripMs / 1000))));
  const why = `twice the bytes under way over ${String(roundTripMs)} ms at ${String(megabits)} Mb/s`;
  const source = 'kernel Documentation/networking/ip-sysctl.rst';
  return [
    ask('sysctl net/ipv4/tcp_rmem', `4096 131072 ${bytes}`, why, source),
    ask('sysctl net/ipv4/tcp_wmem', `4096 16384 ${bytes}`, why, source),
  ];
};

/** Floors that follow from how many connections and how long a round trip the inventory expects. */
export const sizingRequests = (nics: readonly Nic[], variables: PlanVariables): readonly Request[] => [
  ...forConnections(variables),
  ...forRoundTrip(variables, nics),
];
