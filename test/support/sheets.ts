import type {Folklore, SettingKnowledge, Sheet, SheetContext, SheetEntry, Sheets} from '../../engine/plan/sheet.ts';

/** An entry of a sheet made up for a test: `to` unless told otherwise. */
export type Line = Partial<SheetEntry> & {set: string};

const isOfNic = (set: string): boolean => /^(?:nic|rule) /.test(set);

/** A sheet of these lines, which renders as real ones do: host-wide entries without a NIC, the others with one. */
export const exampleSheet = (
  id: string,
  layer: 'workload' | 'nic',
  lines: readonly Line[] | ((context: SheetContext) => readonly Line[]),
): Sheet => ({
  id,
  layer,
  path: `templates/${layer}s/${id}.yaml.hbs`,
  sysctls: [],
  render: (context) =>
    Array.from(typeof lines === 'function' ? lines(context) : lines, (line, index): SheetEntry => ({
      why: `because of ${id}`,
      source: 'a test',
      at: `templates/${layer}s/${id}.yaml.hbs:${String(index + 1)}`,
      ...line,
    })).filter(({set}) => isOfNic(set) === (context.nic !== undefined)),
});

/** All rules on: what the throughput workload asks of topology. */
export const ALL_RULES: readonly Line[] = [
  {set: 'rule irq', to: 'spread'},
  {set: 'rule rps', to: 'auto'},
  {set: 'rule rfs', to: '32768'},
  {set: 'rule xps', to: 'auto'},
  {set: 'rule rss', to: 'equal'},
  {set: 'rule channels', to: 'local-cores'},
];

/** Sheets with one workload, `balanced`, and these lines for it and for each driver. */
export const exampleSheets = (given: {
  workload?: readonly Line[];
  workloads?: Readonly<Record<string, readonly Line[]>>;
  nics?: Readonly<Record<string, readonly Line[]>>;
  folklore?: readonly Folklore[];
  knowledge?: readonly SettingKnowledge[];
}): Sheets => ({
  workloads: new Map([
    ['balanced', exampleSheet('balanced', 'workload', given.workload ?? [])],
    ...Object.entries(given.workloads ?? {}).map(([id, lines]) => [id, exampleSheet(id, 'workload', lines)] as const),
  ]),
  nics: new Map(Object.entries(given.nics ?? {}).map(([id, lines]) => [id, exampleSheet(id, 'nic', lines)])),
  folklore: given.folklore ?? [],
  knowledge: given.knowledge ?? [],
});
