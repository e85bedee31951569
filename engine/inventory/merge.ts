import type {Draft, DraftGroup, DraftHost} from './draft.ts';
import type {Group, Host, Inventory} from './inventory.ts';
import {depths, memberships} from './settle.ts';
import {type Definition, type Definitions, plainValue} from './values.ts';

/** What the files of one folder's `group_vars` and `host_vars` set, by the name of the group or host. */
export type VariableFolder = {
  groups: ReadonlyMap<string, Definitions>;
  hosts: ReadonlyMap<string, Definitions>;
};

/** Variables from beside the inventory, in three parts of different rank. */
export type OuterVariables = {
  /** One folder per source, in their order. */
  besideSources: readonly VariableFolder[];
  /** Where a playbook would be: the working directory. */
  besidePlaybook: VariableFolder;
  /** `-e`: wins over everything. */
  extra: Definitions;
};

const layered = (layers: readonly (Definitions | undefined)[]): Map<string, Definition> => {
  const merged = new Map<string, Definition>();
  for (const layer of layers) for (const [name, definition] of layer ?? []) merged.set(name, definition);
  return merged;
};

/**
 * Ansible's order (`ansible.cfg` precedence, its default): what files say of `all` is above what the inventory itself
 * says of any group, and of two sources' folders the later one wins whatever the depth of the group.
 */
const groupLayers = (draft: Draft, groups: readonly DraftGroup[], outer: OuterVariables): Map<string, Definition> => {
  const {besideSources, besidePlaybook} = outer;
  const filesOf = (folder: VariableFolder): (Definitions | undefined)[] =>
    groups.map(({name}) => folder.groups.get(name));
  return layered([
    draft.groups.get('all')?.definitions,
    ...groups.map(({definitions}) => definitions),
    ...besideSources.map((folder) => folder.groups.get('all')),
    besidePlaybook.groups.get('all'),
    ...besideSources.flatMap(filesOf),
    ...filesOf(besidePlaybook),
  ]);
};

const hostLayers = (host: DraftHost, fromGroups: Definitions, outer: OuterVariables): Map<string, Definition> =>
  layered([
    fromGroups,
    host.definitions,
    ...outer.besideSources.map((folder) => folder.hosts.get(host.name)),
    outer.besidePlaybook.hosts.get(host.name),
    outer.extra,
  ]);

const byRank =
  (depth: ReadonlyMap<string, number>) =>
  (a: DraftGroup, b: DraftGroup): number =>
    (depth.get(a.name) ?? 0) - (depth.get(b.name) ?? 0) || a.priority - b.priority || (a.name < b.name ? -1 : 1);

const plainVariables = (definitions: Definitions): Readonly<Record<string, unknown>> =>
  Object.fromEntries([...definitions].map(([name, {raw}]) => [name, plainValue(raw)]));

const finishGroups = (draft: Draft, depth: ReadonlyMap<string, number>): ReadonlyMap<string, Group> =>
  new Map(
    [...draft.groups].map(([name, {hosts, children, parents, priority}]) => [
      name,
      {
        name,
        hosts: [...hosts],
        children: [...children],
        parents: [...parents],
        depth: depth.get(name) ?? 0,
        priority,
      },
    ]),
  );

/** Merges each host's variables out of a settled draft and the files around it. */
export const mergeInventory = (draft: Draft, outer: OuterVariables): Inventory => {
  const depth = depths(draft.groups);
  const order = byRank(depth);
  // Most hosts of a fleet are in the same groups: what those say is merged once.
  const merged = new Map<string, Definitions>();
  const hosts = new Map<string, Host>();
  for (const [name, names] of memberships(draft)) {
    const host = draft.hosts.get(name);
    if (host === undefined) continue;
    const groups = [...names].filter((group) => group !== 'all').toSorted();
    const key = groups.join('\n');
    const ranked = groups.flatMap((group) => draft.groups.get(group) ?? []).toSorted(order);
    const fromGroups = merged.get(key) ?? groupLayers(draft, ranked, outer);
    merged.set(key, fromGroups);
    const definitions = hostLayers(host, fromGroups, outer);
    hosts.set(name, {name, groups, variables: plainVariables(definitions), definitions, source: host.source});
  }
  return {groups: finishGroups(draft, depth), hosts, warnings: draft.complaints.warnings};
};
