import {
  absolutePath,
  count,
  cpuList,
  defineRecipe,
  described,
  file,
  installed,
  port,
  running,
  v,
  workerCpus,
  type Facts,
  type RecipeHost,
} from '../engine/plan/recipe/api.ts';

const site = v.strictObject({
  ports: v.optional(v.array(port), [80]),
  names: v.optional(v.array(v.string()), ['_']),
  root: v.optional(absolutePath, '/var/www/html'),
});

const parameters = v.strictObject({
  connections: described(v.optional(count, 65_536), 'open at once, all workers together'),
  backlog: described(v.optional(count, 65_535), 'connections that may wait for being accepted, per socket'),
  cpus: described(v.optional(cpuList), 'CPUs for the workers, one each (default: all)'),
  near: described(v.optional(v.string()), 'only CPUs of this NIC’s NUMA node'),
  keepalive: described(v.optional(count, 65), 'seconds that an idle connection is kept'),
  access_log: described(v.optional(v.boolean(), true), 'write an access log'),
  site: described(
    v.optional(site),
    'a site of static files: {ports, names, root}; without it your own sites stay as they are',
  ),
});

type Host = RecipeHost<v.InferOutput<typeof parameters>>;

const isDebian = ({os}: Facts): boolean => [os.id, ...os.idLike].some((id) => id === 'debian' || id === 'ubuntu');

/** nginx's masks: the lowest CPU is the rightmost digit (worker_cpu_affinity). */
const affinityOf = (cpus: readonly number[]): string => {
  const width = Math.max(...cpus) + 1;
  return cpus.map((cpu) => '1'.padEnd(cpu + 1, '0').padStart(width, '0')).join(' ');
};

const workersOf = ({facts, parameters: {cpus, near}}: Host): readonly number[] => workerCpus(facts, {cpus, near});

// A worker's share, and twice that, as connections do not spread evenly; a proxied one takes two descriptors.
const sizesOf = (host: Host): {connections: number; openFiles: number} => {
  const connections = Math.max(4096, Math.ceil((2 * host.parameters.connections) / workersOf(host).length));
  return {connections, openFiles: 2 * connections + 1024};
};

const configuration = (host: Host): string => {
  const cpus = workersOf(host);
  const debian = isDebian(host.facts);
  return host.render('nginx.conf', {
    ...sizesOf(host),
    user: debian ? 'www-data' : 'nginx',
    modules: debian ? '/etc/nginx/modules-enabled/*.conf' : '/usr/share/nginx/modules/*.conf',
    workers: cpus.length,
    affinity: affinityOf(cpus),
    keepalive: host.parameters.keepalive,
    accessLog: host.parameters.access_log,
    sites: debian,
  });
};

const siteFiles = (host: Host): ReturnType<typeof file>[] => {
  const {site: own, backlog} = host.parameters;
  if (own === undefined) return [];
  const text = host.render('nginx-site.conf', {...own, names: own.names.join(' '), backlog});
  const restarts = ['nginx.service'];
  return [
    ...(isDebian(host.facts)
      ? [file('/etc/nginx/sites-enabled/default', {absent: true, why: 'it would answer in the site’s place', restarts})]
      : []),
    file('/etc/nginx/conf.d/linerate-site.conf', {
      text,
      why: 'the site that the recipe’s parameter describes',
      restarts,
    }),
  ];
};

/** nginx for very many connections: a pinned worker a CPU, each with a listening socket of its own. */
export const recipe = defineRecipe({
  summary: 'nginx for very many connections: a pinned worker a CPU, a listening socket each, limits to match.',
  parameters,
  phases: [
    {name: 'packages', desired: () => [installed('nginx', {why: 'the web server'})]},
    {
      name: 'server',
      desired: (host) => [
        file('/etc/nginx/nginx.conf', {
          text: configuration(host),
          why: 'one pinned worker a CPU, and room for its connections',
          restarts: ['nginx.service'],
        }),
        ...siteFiles(host),
        file('/etc/systemd/system/nginx.service.d/linerate.conf', {
          text: host.render('server-limits.conf', {openFiles: sizesOf(host).openFiles, cpus: null}),
          why: 'descriptors for all connections',
          restarts: ['nginx.service'],
        }),
        running('nginx', {why: 'it serves now and after a reboot'}),
      ],
    },
    {name: 'tuning', desired: () => [{tuning: {workload: 'connections'}}]},
  ],
});
