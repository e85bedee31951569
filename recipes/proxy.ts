import {
  count,
  cpuList,
  defineRecipe,
  described,
  file,
  installed,
  plainName,
  port,
  running,
  v,
  workerCpus,
  type Facts,
  type RecipeHost,
} from '../engine/plan/recipe/api.ts';

const address = v.pipe(
  v.string('must be an address with its port: 10.0.0.1:8080'),
  v.regex(/^(?:[\w.-]+|\[[\da-fA-F:]+\]):\d{1,5}$/, 'must be an address with its port: 10.0.0.1:8080'),
);

const listener = v.strictObject({
  name: plainName,
  ports: v.pipe(v.array(port), v.minLength(1, 'must name a port')),
  servers: v.pipe(v.array(address), v.minLength(1, 'must name a server')),
  mode: v.optional(v.picklist(['http', 'tcp'], 'must be http or tcp'), 'http'),
  balance: v.optional(
    v.picklist(['roundrobin', 'leastconn', 'source'], 'must be roundrobin, leastconn or source'),
    'leastconn',
  ),
});

const duration = v.pipe(
  v.string('must be a time such as 30s'),
  v.regex(/^\d+(?:ms|s|m|h)$/, 'must be a time such as 30s'),
);

const parameters = v.strictObject({
  listeners: described(
    v.pipe(v.array(listener, 'must be a list of {name, ports, servers}'), v.minLength(1, 'must hold at least one')),
    'what it listens to, and where that goes: {name, ports, servers, mode, balance}',
  ),
  connections: described(v.optional(count, 100_000), 'open at once, from clients'),
  backlog: described(v.optional(count, 65_535), 'connections that may wait for being accepted'),
  cpus: described(v.optional(cpuList), 'CPUs for the threads, one each (default: all)'),
  near: described(v.optional(v.string()), 'only CPUs of this NIC’s NUMA node'),
  timeouts: described(
    v.optional(
      v.strictObject({
        connect: v.optional(duration, '5s'),
        client: v.optional(duration, '60s'),
        server: v.optional(duration, '60s'),
      }),
      {},
    ),
    'of connects, of silent clients and of silent servers',
  ),
});

type Host = RecipeHost<v.InferOutput<typeof parameters>>;

/** `shards by-thread` came with HAProxy 2.5; Debian 12 and Ubuntu 24.04 have newer ones, older releases do not. */
const hasShards = ({os}: Facts): boolean =>
  (os.id === 'debian' && Number(os.versionId) >= 12) || (os.id === 'ubuntu' && Number(os.versionId) >= 24);

// A proxied connection takes two descriptors; some are for listening sockets, checks and logs.
const openFiles = ({parameters: {connections}}: Host): number => 2 * connections + 4096;

// The most that one group of HAProxy's threads may have.
const MOST_THREADS = 64;

const configuration = (host: Host): string => {
  const {listeners, cpus, near, connections, backlog, timeouts} = host.parameters;
  const threads = workerCpus(host.facts, {cpus, near}).slice(0, MOST_THREADS);
  return host.render('haproxy.cfg', {
    connections,
    backlog,
    timeouts,
    socket: '/run/haproxy/admin.sock',
    shards: hasShards(host.facts),
    threads: threads.length,
    cpus: threads,
    listeners: listeners.map(({servers, ...one}) => ({
      ...one,
      http: one.mode === 'http',
      servers: servers.map((server, place) => ({name: `s${String(place + 1)}`, address: server})),
    })),
  });
};

/** HAProxy for very many connections: a pinned thread a CPU, each with a listening socket of its own. */
export const recipe = defineRecipe({
  summary: 'HAProxy for very many connections: a pinned thread a CPU, a listening socket each, limits to match.',
  parameters,
  phases: [
    {name: 'packages', desired: () => [installed('haproxy', {why: 'the proxy'})]},
    {
      name: 'server',
      desired: (host) => [
        file('/etc/haproxy/haproxy.cfg', {
          text: configuration(host),
          why: 'one pinned thread a CPU, and the listeners of the recipe’s parameters',
          restarts: ['haproxy.service'],
        }),
        file('/etc/systemd/system/haproxy.service.d/linerate.conf', {
          text: host.render('server-limits.conf', {openFiles: openFiles(host), cpus: null}),
          why: 'two descriptors for each connection',
          restarts: ['haproxy.service'],
        }),
        running('haproxy', {why: 'it proxies now and after a reboot'}),
      ],
    },
    {
      name: 'tuning',
      desired: () => [
        {tuning: {workload: 'connections'}},
        {
          set: 'sysctl net.ipv4.ip_nonlocal_bind',
          to: '1',
          why: 'it may bind a virtual address that another node still holds',
          source: 'kernel Documentation/networking/ip-sysctl.rst, ip_nonlocal_bind',
        },
      ],
    },
  ],
});
