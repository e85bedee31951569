import {
  absolutePath,
  count,
  cpuList,
  defineRecipe,
  described,
  file,
  group,
  mounted,
  nodeOfNic,
  plainName,
  running,
  user,
  v,
  workerCpus,
  type Desired,
  type RecipeHost,
} from '../engine/plan/recipe/api.ts';

const capability = v.pipe(
  v.string('must be a capability such as CAP_NET_BIND_SERVICE'),
  v.regex(/^CAP_[A-Z_]+$/, 'must be a capability such as CAP_NET_BIND_SERVICE'),
);

const variable = v.pipe(
  v.string('must be of the form NAME=value'),
  v.regex(/^[A-Za-z_]\w*=/, 'must be of the form NAME=value'),
);

const parameters = v.strictObject({
  name: described(plainName, 'of the service'),
  command: described(
    v.pipe(
      v.array(v.string(), 'must be a list of words'),
      v.check(([first]) => first?.startsWith('/') === true, 'must begin with an absolute path'),
    ),
    'the server binary with its arguments',
  ),
  user: described(v.optional(plainName), 'who runs it; made where it is missing (default: the service’s name)'),
  directory: described(v.optional(absolutePath), 'where it runs'),
  environment: described(v.optional(v.array(variable), []), 'its variables, NAME=value'),
  notify: described(v.optional(v.boolean(), false), 'it tells systemd when it is ready (sd_notify)'),
  cpus: described(v.optional(cpuList), 'CPUs that it may run on'),
  near: described(v.optional(v.string()), 'only CPUs and memory of this NIC’s NUMA node'),
  open_files: described(v.optional(count, 1_048_576), 'descriptors'),
  capabilities: described(v.optional(v.array(capability), []), 'what it may do beyond an ordinary user’s programs'),
  io_uring: described(v.optional(v.boolean(), false), 'it uses io_uring: allowed, with locked memory for its buffers'),
  bpffs: described(
    v.optional(v.boolean(), false),
    'it pins BPF maps: /sys/fs/bpf is mounted, and it may load programs',
  ),
});

type Host = RecipeHost<v.InferOutput<typeof parameters>>;

const capabilitiesOf = ({parameters: {capabilities, bpffs}}: Host): string =>
  [...new Set([...capabilities, ...(bpffs ? ['CAP_BPF', 'CAP_NET_ADMIN'] : [])])].sort().join(' ');

const placementOf = ({
  facts,
  parameters: {cpus, near},
}: Host): {cpus: readonly number[] | null; node: number | null} => {
  const node = near === undefined ? undefined : nodeOfNic(facts, near);
  if (cpus === undefined && node === undefined) return {cpus: null, node: null};
  const placed = workerCpus(facts, {cpus, near});
  return {cpus: placed, node: node ?? null};
};

const unit = (host: Host): string => {
  const {name, command, directory, environment, notify, open_files: openFiles, io_uring: ring} = host.parameters;
  const {cpus, node} = placementOf(host);
  const owner = host.parameters.user ?? name;
  return host.render('app-server.service', {
    description: `${name}, run for linerate`,
    type: notify ? 'notify' : 'simple',
    argv: command,
    directory: directory ?? null,
    user: owner,
    group: owner,
    environment,
    openFiles,
    lockedMemory: ring || host.parameters.bpffs ? 'infinity' : null,
    cpus,
    numaPolicy: node === null ? null : 'bind',
    numaNodes: node,
    capabilities: capabilitiesOf(host),
  });
};

/** Kernels since 6.6 can switch io_uring off; the sysctl is not there before. */
const ringAllowed = ({facts, parameters: {io_uring: wanted}}: Host): readonly Desired[] => {
  const live = facts.sysctls.live['kernel/io_uring_disabled'];
  if (!wanted || live === undefined || live === 'absent') return [];
  return [
    {
      set: 'sysctl kernel.io_uring_disabled',
      to: '0',
      why: 'the server uses io_uring',
      source: 'kernel Documentation/admin-guide/sysctl/kernel.rst, io_uring_disabled',
    },
  ];
};

const bpf = ({parameters: {bpffs}}: Host): readonly Desired[] =>
  bpffs ? [mounted('/sys/fs/bpf', 'bpf', {why: 'where the server pins its BPF maps and programs'})] : [];

/** Any server binary as a service: its CPUs, memory node, descriptors and capabilities; never root. */
export const recipe = defineRecipe({
  summary: 'Any server binary as a service: pinned, on its NIC’s memory node, with capabilities instead of root.',
  parameters,
  phases: [
    {
      name: 'system',
      desired: (host) => {
        const owner = host.parameters.user ?? host.parameters.name;
        return [
          group(owner, {why: `${host.parameters.name} runs as it`}),
          user(owner, {group: owner, why: `${host.parameters.name} runs as it`}),
          ...bpf(host),
          ...ringAllowed(host),
        ];
      },
    },
    {name: 'tuning', desired: () => [{tuning: {workload: 'connections'}}]},
    {
      name: 'server',
      desired: (host) => {
        const name = `${host.parameters.name}.service`;
        return [
          file(`/etc/systemd/system/${name}`, {text: unit(host), why: 'the server as a service', restarts: [name]}),
          running(host.parameters.name, {why: 'it serves now and after a reboot'}),
        ];
      },
    },
  ],
});
