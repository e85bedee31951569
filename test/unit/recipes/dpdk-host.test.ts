import test from 'ava';
import type {Facts} from '../../../engine/facts/facts.ts';
import {Faults} from '../../../engine/model/fault.ts';
import type {Plan} from '../../../engine/model/setting.ts';
import {isTuning} from '../../../engine/plan/recipe/wishes.ts';
import {factsOf} from '../../support/generated/fixtures.ts';
import {withFunctions, type PciFunctionShape} from '../../support/pci-functions.ts';
import {recipeOn, type RecipeOn} from '../../support/recipe-plans.ts';

const HELD: PciFunctionShape = {driver: 'ice', group: '7', groupType: 'identity', pin: 1};
const DMAR = {iommu: {on: true, table: 'DMAR'}} as const;

const wanted = (plan: Plan, start = ''): Readonly<Record<string, string>> =>
  Object.fromEntries(plan.settings.filter(({id}) => id.startsWith(start)).map(({id, want}) => [id, want]));

const environment = (recipe: RecipeOn, facts: Facts): string =>
  recipe
    .wishes(facts)
    .flatMap(({desired}) => desired)
    .flatMap((one) => (!isTuning(one) && one.set === 'file /etc/linerate/dpdk.env' ? [one.to ?? ''] : []))
    .join('');

/** Facts with the first NIC's addresses taken away, so that nobody uses it. */
const idle = (facts: Facts): {facts: Facts; name: string; address: string} => {
  const nic = facts.nics.find(({pci, upper}) => pci !== undefined && upper.length === 0);
  if (nic?.pci === undefined) throw new Error('the fixture has no NIC');
  const {os, ...others} = facts;
  const {sshConnection: _, ...plain} = os;
  return {
    name: nic.name,
    address: nic.pci.address,
    facts: {...others, os: plain, network: {addresses: [], routes: []}},
  };
};

/** The same host once the NIC is vfio-pci's. */
const bound = (facts: Facts, name: string): Facts => {
  const nic = facts.nics.find((one) => one.name === name);
  if (nic?.pci === undefined) throw new Error(`no NIC ${name}`);
  const {address, vendor, device, numaNode} = nic.pci;
  const binding = {address, vendor, device, numaNode, driver: 'vfio-pci', interface: {name, up: true}};
  return {...facts, nics: facts.nics.filter((one) => one !== nic), bindings: [...facts.bindings, binding]};
};

test('a NIC of a two-socket host: pages, cores and binding on its node, arguments in the boot phase', async (t) => {
  const {facts, name, address} = idle(factsOf('ice-atr'));
  const recipe = await recipeOn('dpdk-host', {nics: [name]});
  const plan = recipe.plan(withFunctions({...facts, ...DMAR}, {[address]: {...HELD, wanted: 'vfio-pci'}}));
  t.deepEqual(
    plan.blocks.filter(({id}) => id.startsWith('driver')),
    [],
  );
  t.deepEqual(wanted(plan, 'driver'), {[`driver ${address}`]: 'vfio-pci'});
  const node = facts.nics.find((nic) => nic.name === name)?.pci?.numaNode ?? -1;
  const near = facts.numa.nodes.find((one) => one.node === node)?.cpus ?? [];
  const lcores = /DPDK_WORKERS=(.*)/.exec(environment(recipe, facts))?.[1] ?? '';
  t.regex(lcores, /^\d/);
  t.false(
    lcores.split(/[-,]/).some((cpu) => !near.includes(Number(cpu))),
    'all of them on the NIC’s node',
  );
  // systemd reads a variable a line.
  t.regex(environment(recipe, facts), new RegExp(`^DPDK_LCORES=\\S+\nDPDK_MAIN_LCORE=\\d+\nDPDK_WORKERS=\\S+$`, 'm'));
  t.regex(environment(recipe, facts), new RegExp(`^DPDK_EAL_ARGUMENTS="-l \\S+ --main-lcore .* -a ${address}"$`, 'm'));
  const boot = new Set(plan.settings.filter(({phase}) => phase === 'boot').map(({id}) => id));
  for (const argument of ['iommu', 'intel_iommu', 'isolcpus', 'hugepages', 'hugepagesz', 'default_hugepagesz'])
    t.true(boot.has(`boot ${argument}`), argument);
  const later = plan.settings.filter(({id, phase}) => id.startsWith('boot ') && phase !== 'boot').map(({id}) => id);
  t.deepEqual(later, [], 'nothing that the sheet asks for needs a second reboot');
  t.deepEqual(Object.keys(wanted(plan, 'hugepages')), [`hugepages ${String(node)} 1048576kB`]);
});

const HOSTS = ['ice-atr', 'ec2-ena', 'numa-sparse', 'numa-unknown', 'rhel-7', 'qemu-two-nodes'];

test('every phase wishes for the same once the NIC is given away', async (t) => {
  for (const host of HOSTS) {
    const before = factsOf(host);
    const nic = before.nics.find(({pci, kind}) => pci !== undefined && /^(?:physical|virtual|paravirtual)/.test(kind));
    if (nic === undefined) throw new Error(`${host} has no NIC`);
    const recipe = await recipeOn('dpdk-host', {nics: [nic.name]});
    t.deepEqual(recipe.wishes(bound(before, nic.name)), recipe.wishes(before), host);
  }
});

test('what the parameters leave out is left as it is', async (t) => {
  const {facts, name, address} = idle(factsOf('ice-atr'));
  const parameters = {nics: [name], isolate: false, lcores: 2, hugepages: {size: '2M', perNode: 256}};
  const recipe = await recipeOn('dpdk-host', parameters);
  const plan = recipe.plan(withFunctions(facts, {[address]: HELD}));
  t.deepEqual(Object.keys(wanted(plan, 'boot ')), [], 'no argument, so no reboot');
  t.deepEqual(Object.values(wanted(plan, 'hugepages')), ['256']);
  t.regex(environment(recipe, facts), /--socket-mem (?:0,)?512 --huge-dir \/dev\/hugepages-2M/);
  t.is(/DPDK_WORKERS=(.*)/.exec(environment(recipe, facts))?.[1]?.split(/[-,]/).length, 2);
});

test('NVIDIA’s NICs are named to the application and stay with their driver', async (t) => {
  const {facts} = idle(factsOf('mlx5-100g'));
  const name = 'ens1f0np0';
  const recipe = await recipeOn('dpdk-host', {nics: [name]});
  t.false(
    recipe.wishes(facts).some(({desired}) => desired.some((one) => !isTuning(one) && one.set.startsWith('driver'))),
  );
  t.regex(environment(recipe, facts), /-a 0000:17:00\.0/);
});

test('a guest without an IOMMU needs leave to do without', async (t) => {
  const {facts, name, address} = idle(factsOf('ec2-ena'));
  const state = {driver: 'ena', noIommu: 'N', ids: '1d0f:ec20'} as const;
  const refused = (await recipeOn('dpdk-host', {nics: [name]})).plan(withFunctions(facts, {[address]: state}));
  t.is(refused.blocks.find(({id}) => id.startsWith('driver'))?.reason, 'this host has no IOMMU, which vfio-pci needs');
  const recipe = await recipeOn('dpdk-host', {nics: [name], allowNoIommu: true});
  const plan = recipe.plan(withFunctions(facts, {[address]: {...state, wanted: 'vfio-pci-noiommu'}}));
  t.deepEqual(wanted(plan, 'driver'), {[`driver ${address}`]: 'vfio-pci-noiommu'});
  t.deepEqual(
    plan.blocks.filter(({id}) => id.startsWith('driver')),
    [],
  );
});

test('the NIC that carries the connection is refused', async (t) => {
  const facts = factsOf('dpdk');
  const recipe = await recipeOn('dpdk-host', {nics: ['ens2f0', '0000:b1:00.1']});
  const functions = {'0000:b1:00.0': {...HELD, driver: 'i40e'}, '0000:b1:00.1': {...HELD, driver: 'vfio-pci'}};
  const plan = recipe.plan(withFunctions({...facts, ...DMAR}, functions));
  t.deepEqual(
    plan.blocks.filter(({id}) => id.startsWith('driver')).map(({id, reason}) => `${id}: ${reason}`),
    ['driver 0000:b1:00.0: ens2f0 carries the connection that this host is managed by'],
  );
  t.deepEqual(Object.keys(wanted(plan, 'driver')), ['driver 0000:b1:00.1']);
});

const problems = async (parameters: Readonly<Record<string, unknown>>): Promise<string> => {
  const error: unknown = await recipeOn('dpdk-host', parameters).catch((caught: unknown) => caught);
  return error instanceof Faults ? error.message : String(error);
};

test('wrong parameters are told by name', async (t) => {
  t.regex(await problems({}), /"nics" is missing/);
  t.regex(await problems({nics: []}), /"nics" must name a NIC/);
  t.regex(await problems({nics: ['ens1'], driver: 'vfio'}), /"driver" must be vfio-pci, uio_pci_generic or igb_uio/);
  t.regex(await problems({nics: ['ens1'], hugepages: {size: '4K'}}), /"hugepages\.size" must be 2M or 1G/);
  t.regex(await problems({nics: ['ens1'], isolated: true}), /isolated/);
});

const tuningOf = (recipe: RecipeOn, facts: Facts): unknown =>
  recipe
    .wishes(facts)
    .flatMap(({desired}) => desired)
    .find(isTuning);

test('it is tuned for kernel bypass', async (t) => {
  const {facts, name} = idle(factsOf('ice-atr'));
  t.deepEqual(tuningOf(await recipeOn('dpdk-host', {nics: [name]}), facts), {tuning: {workload: 'kernel-bypass'}});
});
