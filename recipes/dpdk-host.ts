import {identityOf} from '../dataplane/nics.ts';
import {
  bound,
  count,
  defineRecipe,
  described,
  file,
  formatCpuList,
  functionsOf,
  hugepagesArgument,
  hugepagesFor,
  installed,
  mounted,
  otherPools,
  packetCores,
  plainName,
  v,
  type Desired,
  type Facts,
  type Hugepages,
  type NicFunction,
  type PacketCores,
  type RecipeHost,
  type Wish,
} from '../engine/plan/recipe/api.ts';

const texts = (text: string): v.GenericSchema<readonly string[]> => v.array(v.string(text), text);

const parameters = v.strictObject({
  nics: described(
    v.pipe(texts('must be a list of names or PCI addresses'), v.minLength(1, 'must name a NIC')),
    'given to the application: interfaces (ens1f0) or PCI addresses (0000:3b:00.0)',
  ),
  driver: described(
    v.optional(
      v.picklist(['vfio-pci', 'uio_pci_generic', 'igb_uio'], 'must be vfio-pci, uio_pci_generic or igb_uio'),
      'vfio-pci',
    ),
    'what holds them; NICs that DPDK shares with the kernel (NVIDIA) keep their own',
  ),
  allowNoIommu: described(
    v.optional(v.boolean('must be true or false'), false),
    'vfio-pci also where there is no IOMMU: the application may then overwrite any memory',
  ),
  hugepages: described(
    v.optional(
      v.strictObject({
        size: v.optional(v.picklist(['2M', '1G'], 'must be 2M or 1G')),
        perNode: v.optional(count),
      }),
      {},
    ),
    'their size and how many for each node with a NIC (default: 1 GiB a NIC, at most a quarter of the node)',
  ),
  lcores: described(v.optional(count), 'packet cores, near the NICs (default: all but the first of each node)'),
  isolate: described(
    v.optional(v.boolean('must be true or false'), true),
    'keep everything else off the packet cores, by kernel arguments',
  ),
  packages: described(v.optional(v.array(plainName), []), 'to install first: dpdk, dpdk-tools …'),
});

type Host = RecipeHost<v.InferOutput<typeof parameters>>;

/** What is decided of a host, the same before and after each phase. */
type Layout = {functions: readonly NicFunction[]; cores: PacketCores; pages: Hugepages};

const layoutOf = ({facts, parameters: {nics, lcores, hugepages}}: Host): Layout => {
  const functions = functionsOf(facts, nics);
  const nodes = functions.map(({numaNode}) => numaNode);
  const {size, perNode} = hugepages;
  const wanted = {...(size === undefined ? {} : {size}), ...(perNode === undefined ? {} : {perNode})};
  return {functions, cores: packetCores(facts, nodes, lcores), pages: hugepagesFor(facts, nodes, wanted)};
};

const isBifurcated = ({ids}: NicFunction): boolean => {
  const [vendor = '', device = ''] = ids.split(':');
  return identityOf(vendor, device)?.binding === 'bifurcated';
};

const LINUX_DRIVERS = 'DPDK guides/linux_gsg/linux_drivers.rst';
const ARGUMENTS = 'kernel Documentation/admin-guide/kernel-parameters.txt';

/** Arguments that turn the IOMMU on; none where the firmware tells of none. */
const iommuArguments = ({facts, parameters: {driver}}: Host): readonly Wish[] => {
  const {table} = facts.iommu;
  if (table !== 'DMAR' && table !== 'IVRS') return [];
  const pass: Wish = {
    set: 'boot iommu',
    to: 'pt',
    why: 'devices that the kernel keeps pass the IOMMU by',
    source: `${LINUX_DRIVERS}, vfio`,
  };
  const on: Wish = {
    set: 'boot intel_iommu',
    to: 'on',
    why: 'many kernels are built with Intel’s IOMMU off, and vfio-pci cannot bind without it',
    source: `${LINUX_DRIVERS}, vfio; ${ARGUMENTS}`,
  };
  return table === 'DMAR' && driver === 'vfio-pci' ? [pass, on] : [pass];
};

const isolation = ({apart}: PacketCores): readonly Wish[] => {
  const cpus = formatCpuList(apart);
  const wish = (name: string, why: string): Wish => ({
    set: `boot ${name}`,
    to: cpus,
    why,
    source: `${ARGUMENTS}, ${name}`,
  });
  return apart.length === 0
    ? []
    : [
        wish('isolcpus', 'the scheduler puts nothing on the packet cores and their siblings'),
        wish('nohz_full', 'no timer tick interrupts a core that runs one polling thread'),
        wish('rcu_nocbs', 'the kernel’s deferred work of these cores is done elsewhere'),
      ];
};

/** Pages of 1 GiB are to be had for certain only at boot, before memory is in pieces. */
const pageArguments = (facts: Facts, pages: Hugepages): readonly Wish[] => {
  if (pages.sizeKb === 2048) return [];
  const source = `${ARGUMENTS}; DPDK guides/linux_gsg/sys_reqs.rst`;
  return [
    {set: 'boot default_hugepagesz', to: '1G', why: 'pages of 1 GiB need fewer TLB entries', source},
    {set: 'boot hugepagesz', to: '1G', why: 'names the size that hugepages= counts', source},
    {
      set: 'boot hugepages',
      to: hugepagesArgument(facts, pages),
      why: 'reserves each node’s pages before memory is in pieces',
      source,
    },
  ];
};

const bootArguments = (host: Host): readonly Wish[] => {
  const {cores, pages} = layoutOf(host);
  return [
    ...iommuArguments(host),
    ...(host.parameters.isolate ? isolation(cores) : []),
    ...pageArguments(host.facts, pages),
  ];
};

const SHEETS_ARGUMENTS = 'iommu intel_iommu isolcpus nohz_full rcu_nocbs default_hugepagesz hugepagesz hugepages'.split(
  ' ',
);

/** What the workload's sheet would decide for a host of another layout. */
const left = (host: Host): readonly Wish[] => {
  const asked = new Set(bootArguments(host).map(({set}) => set));
  const others = SHEETS_ARGUMENTS.map((name) => `boot ${name}`).filter((set) => !asked.has(set));
  return [...others, ...otherPools(host.facts, layoutOf(host).pages)].map((set) => ({
    set,
    leave: true,
    why: 'the recipe’s parameters decide',
  }));
};

const pools = ({nodes, sizeKb}: Hugepages): readonly Wish[] =>
  nodes.map(({node, pages}) => ({
    set: `hugepages ${String(node)} ${String(sizeKb)}kB`,
    atLeast: String(pages),
    why: 'packet buffers, on the node of the NICs',
    source: 'DPDK guides/linux_gsg/sys_reqs.rst',
  }));

const sizeWord = ({sizeKb}: Hugepages): '2M' | '1G' => (sizeKb === 2048 ? '2M' : '1G');

/** Where a host has no IOMMU at all, and that was allowed. */
const driverFor = ({facts, parameters: {driver, allowNoIommu}}: Host): string =>
  driver === 'vfio-pci' && allowNoIommu && !facts.iommu.on && facts.iommu.table === undefined
    ? 'vfio-pci-noiommu'
    : driver;

const bindings = (host: Host): readonly Wish[] => {
  const to = driverFor(host);
  const why =
    to === 'vfio-pci-noiommu'
      ? 'the application drives the NIC itself; nothing keeps it from the rest of the memory'
      : 'the application drives the NIC itself';
  return layoutOf(host)
    .functions.filter((one) => !isBifurcated(one))
    .map(({address}) => bound(address, to, {why, source: LINUX_DRIVERS}));
};

/** MiB for each node by its number, as `--socket-mem` counts them. */
const socketMemory = ({nodes, sizeKb}: Hugepages): string =>
  Array.from({length: Math.max(0, ...nodes.map(({node}) => node)) + 1}, (_, node) => {
    const pages = nodes.find((one) => one.node === node)?.pages ?? 0;
    return String(pages * (sizeKb / 1024));
  }).join(',');

const environment = (host: Host): string => {
  const {functions, cores, pages} = layoutOf(host);
  const workers = cores.workers.length === 0 ? [cores.main] : cores.workers;
  return host.render('dpdk.env', {
    lcores: formatCpuList([...new Set([cores.main, ...workers])].sort((a, b) => a - b)),
    main: cores.main,
    workers: formatCpuList(workers),
    memory: socketMemory(pages),
    folder: `/dev/hugepages-${sizeWord(pages)}`,
    functions: functions.map(({address}) => address),
  });
};

const devices = (host: Host): readonly Desired[] => {
  const {pages} = layoutOf(host);
  const size = sizeWord(pages);
  return [
    ...pools(pages),
    mounted(`/dev/hugepages-${size}`, 'hugetlbfs', {
      options: `pagesize=${size}`,
      why: 'where the application finds its pages',
      source: 'DPDK guides/linux_gsg/sys_reqs.rst',
    }),
    ...bindings(host),
    file('/etc/linerate/dpdk.env', {
      text: environment(host),
      why: 'cores, memory and NICs for the application: EnvironmentFile= of its unit',
    }),
  ];
};

/** A host for DPDK applications: pages, cores and NICs near each other, the NICs given to user space. */
export const recipe = defineRecipe({
  summary: 'A host for DPDK: NICs on vfio-pci, huge pages and isolated cores on their nodes, and the EAL’s arguments.',
  parameters,
  phases: [
    {
      name: 'packages',
      desired: ({parameters: {packages}}) =>
        packages.map((name) => installed(name, {why: 'asked for by the recipe’s parameters'})),
    },
    {name: 'boot', reboot: true, desired: bootArguments},
    {name: 'devices', desired: devices},
    {name: 'tuning', desired: (host) => [{tuning: {workload: 'kernel-bypass'}}, ...left(host)]},
  ],
});
