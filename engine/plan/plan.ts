import type {Facts} from '../facts/facts.ts';
import type {Nic} from '../facts/nic.ts';
import {parseCpuList, union, type Cpus} from '../model/cpulist.ts';
import {Fault} from '../model/fault.ts';
import {printableLine} from '../model/printable.ts';
import type {Block, Finding, Plan, Setting} from '../model/setting.ts';
import {kindOf, KINDS} from '../resources/kinds.ts';
import {splitId} from '../resources/lookup.ts';
import {containerBlocks} from './container.ts';
import {decide} from './decide.ts';
import {disruptionOf, nicName} from './disruption.ts';
import {hostFindings} from './findings/findings.ts';
import {folkloreFindings, refusalOf, refusedRows} from './folklore.ts';
import {gatherRequests, LEAVE} from './gather-requests.ts';
import {kernelDefaults, type KernelDefaults} from './kernel-defaults.ts';
import {managementPath} from './management-path.ts';
import {isOverruledByAdaptive} from './moderation.ts';
import {nearestName} from './nearest.ts';
import {plannedNics} from './plan-nics.ts';
import {inPhases, isListed, tuningOf} from './recipe/phases.ts';
import {wishRequests, type PhaseWishes} from './recipe/wishes.ts';
import type {Request} from './request.ts';
import {resolve} from './resolve.ts';
import type {Sheets} from './sheet.ts';
import {sizingRequests} from './sizing.ts';
import {planTopology} from './topology/topology.ts';
import type {PlanVariables} from './variables.ts';

const DEFAULT_WORKLOAD = 'balanced';

/** The workload that the variables ask for, or the recipe, or the default; a `Fault` (`unknown-workload`) when no sheet is for it. */
export const workloadOf = (
  sheets: Pick<Sheets, 'workloads'>,
  variables: PlanVariables,
  wishes: readonly PhaseWishes[] = [],
): string => {
  const workload = variables.workload ?? tuningOf(wishes)?.workload ?? DEFAULT_WORKLOAD;
  if (sheets.workloads.has(workload)) return workload;
  const at = variables.at['workload'];
  const near = nearestName(workload, sheets.workloads.keys());
  throw new Fault({
    code: 'unknown-workload',
    owner: 'user',
    message: `there is no workload "${workload}"`,
    hint:
      near === undefined
        ? `the workloads are ${[...sheets.workloads.keys()].sort().join(', ')}`
        : `did you mean "${near}"?`,
    ...(at === undefined ? {} : {at}),
  });
};

// CPUs that the next boot will isolate, and threads that go with SMT, are no place for an interrupt even now.
const setAside = (facts: Facts, winners: ReadonlyMap<string, Request>, variables: PlanVariables): Cpus => {
  const going = winners.get('cpu smt')?.value === 'off';
  const second = facts.cpu.threads.filter(({cpu, siblings}) => going && cpu !== (siblings[0] ?? cpu));
  return ['boot isolcpus', 'boot nohz_full'].reduce(
    (cpus: Cpus, id) => {
      const parts = (winners.get(id)?.value ?? '').split(',').filter((part) => /^\d/.test(part));
      return union(cpus, parseCpuList(parts.join(',')) ?? []);
    },
    union(
      variables.reservedCpus,
      second.map(({cpu}) => cpu),
    ),
  );
};

const KIND_ORDER = new Map(KINDS.map(({kind}, index) => [kind, index]));

/**
 * Recipes' own as they are listed; then host-wide settings by kind and name; then each NIC's, whose own order (by queue) is
 * kept.
 */
const inOrder = (requests: Iterable<Request>, nics: readonly Nic[]): readonly Request[] => {
  const places = new Map(nics.map((nic, index) => [nic.name, index]));
  const keyed = [...requests].map((request) => {
    const name = nicName(request.id);
    const nic = name === undefined ? -1 : (places.get(name) ?? nics.length);
    const listed = isListed(request);
    const kind = listed ? -1 : (KIND_ORDER.get(splitId(request.id).kind) ?? KINDS.length);
    return {request, nic, kind, id: listed || kind >= (KIND_ORDER.get('irq') ?? 0) ? '' : request.id};
  });
  keyed.sort((a, b) => a.nic - b.nic || a.kind - b.kind || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
  return keyed.map(({request}) => request);
};

const floorsOf = (asked: readonly Request[]): ReadonlySet<string> =>
  new Set(asked.filter(({operation, from}) => operation === 'atLeast' && from.layer !== 'inventory').map(({id}) => id));

type Outcome = {settings: Setting[]; blocks: Block[]};

const decideAll = (
  facts: Facts,
  requests: readonly Request[],
  defaults: KernelDefaults,
  refuse: (request: Request) => Block | undefined,
): Outcome => {
  const settings = new Map<string, Setting>();
  const blocks: Block[] = [];
  for (const request of requests) {
    const refused = refuse(request);
    const decision = refused ? {block: refused} : decide(facts, request, defaults);
    if (decision === undefined) continue;
    if ('block' in decision) blocks.push(decision.block);
    else settings.set(request.id, decision.setting);
  }
  const kept: Setting[] = [];
  for (const setting of settings.values()) {
    const block = disruptionOf(facts, setting);
    if (block) blocks.push(block);
    else if (!isOverruledByAdaptive(facts, settings, setting)) kept.push(setting);
  }
  return {settings: kept, blocks};
};

const marked = (settings: readonly Setting[], path: readonly string[]): readonly Setting[] => {
  const management = new Set(path);
  return settings.map((setting) =>
    management.has(nicName(setting.id) ?? '') ? Object.assign(setting, {management: true}) : setting,
  );
};

/** Rules that an inventory asks for on a NIC that no plan is made for. */
const strayRules = (winners: ReadonlyMap<string, Request>, nics: readonly Nic[]): readonly Block[] => {
  const names = new Set(nics.map(({name}) => name));
  const stray = [...winners.values()].filter(({id}) => id.startsWith('rule ') && !names.has(id.split(' ')[1] ?? ''));
  return stray.map(({id, from}) => ({
    id,
    reason: 'no NIC of this name is planned for',
    hint: `asked for by ${from.at}`,
  }));
};

const LONGEST = 1000;

/** Each finding once, as text that a terminal may show: names of files, NICs and programs are the host's own words. */
const legible = (findings: readonly Finding[]): readonly Finding[] => {
  const distinct = new Map(findings.map((finding) => [`${finding.code} ${finding.about} ${finding.message}`, finding]));
  return Array.from(distinct.values(), (finding) => ({
    ...finding,
    about: printableLine(finding.about, LONGEST),
    message: printableLine(finding.message, LONGEST),
  }));
};

/** What a recipe that tunes nothing leaves unused of the inventory. */
const unused = (variables: PlanVariables): readonly Finding[] =>
  variables.settings.length === 0
    ? []
    : [
        {
          code: 'settings-unused',
          grade: 'notice',
          about: 'linerate_settings',
          message: `the recipe has no tuning phase, so that ${variables.settings[0]?.at ?? 'linerate_settings'} is not used`,
          hint: 'leave the recipe out to have the host tuned',
        },
      ];

type Asked = {facts: Facts; workload: string; sheets: Sheets; variables: PlanVariables; nics: readonly Nic[]};
type Resolved = ReturnType<typeof resolve> & {asked: readonly Request[]; topology: readonly Finding[]};

/** All that is asked for, the winners of it, and what topology rules make of those. */
const resolved = ({facts, workload, sheets, variables, nics}: Asked, wishes: readonly PhaseWishes[]): Resolved => {
  const own = wishes.flatMap((phase) => wishRequests(facts, nics, phase));
  if (!tuningOf(wishes)) return {...resolve(own), asked: own, topology: unused(variables)};
  const asked = [...gatherRequests({facts, workload, sheets, variables, nics}), ...own];
  const first = resolve([...asked, ...sizingRequests(nics, variables)]);
  const topology = planTopology(facts, nics, first.winners, setAside(facts, first.winners, variables), variables);
  const {winners} = resolve([...first.winners.values(), ...topology.requests]);
  return {winners, findings: first.findings, asked, topology: topology.findings};
};

const TUNING_ALONE: readonly PhaseWishes[] = [{at: '', desired: [{tuning: {}}]}];

/**
 * What one host's settings are, will be after a reboot and should be, for its workload and NICs, and for what the phases of a
 * recipe wish for. Pure and deterministic: the same facts, sheets and variables, in whatever order, give the same plan. Throws
 * a `Fault` where a sheet or a wish is wrong or the workload is not known.
 */
export const planHost = (
  host: string,
  facts: Facts,
  sheets: Sheets,
  variables: PlanVariables,
  wishes: readonly PhaseWishes[] = TUNING_ALONE,
): Plan => {
  const workload = workloadOf(sheets, variables, wishes);
  const chosen = plannedNics(facts, variables);
  const {nics} = chosen;
  const tuned = tuningOf(wishes) !== undefined;
  const {winners, findings, asked, topology} = resolved({facts, workload, sheets, variables, nics}, wishes);
  const path = managementPath(facts);
  const wanted = [...winners.values()].filter(
    ({id, value}) => value !== LEAVE && kindOf(splitId(id).kind) !== undefined,
  );
  const contained = containerBlocks(
    facts,
    wanted.map(({id}) => id),
  );
  const refused = refusedRows(sheets.folklore);
  const ordered = contained.length > 0 ? [] : inOrder(wanted, nics);
  const outcome = decideAll(facts, ordered, kernelDefaults(sheets.knowledge), (request) =>
    refusalOf(refused, request, variables.allow, workload),
  );
  const settings = inPhases(marked(outcome.settings, path), wishes);
  return {
    host,
    workload,
    settings,
    blocks: [...contained, ...chosen.blocks, ...strayRules(winners, nics), ...outcome.blocks].map(
      ({id, reason, ...rest}) => ({id, reason: printableLine(reason, LONGEST), ...rest}),
    ),
    findings: legible([
      ...findings,
      ...topology,
      ...(tuned ? folkloreFindings(facts, sheets.folklore, workload, nics) : []),
      ...(tuned ? hostFindings({facts, settings, variables, workload, nics, floors: floorsOf(asked)}) : []),
      ...chosen.findings,
    ]),
    managementPath: path,
  };
};
