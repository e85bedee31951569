import {warn} from './complaints.ts';
import {addChild, type Draft, type DraftGroup} from './draft.ts';

/** The groups above a group, itself included. */
export type Ancestry = ReadonlyMap<string, ReadonlySet<string>>;

const ancestry = (draft: Draft): Ancestry => {
  const found = new Map<string, Set<string>>();
  for (const name of draft.groups.keys()) {
    const above = new Set([name]);
    for (const group of above) for (const parent of draft.groups.get(group)?.parents ?? []) above.add(parent);
    found.set(name, above);
  }
  return found;
};

/** The groups that each host is in, directly or by their children. */
export const memberships = (draft: Draft): ReadonlyMap<string, ReadonlySet<string>> => {
  const above = ancestry(draft);
  const found = new Map<string, Set<string>>([...draft.hosts.keys()].map((host) => [host, new Set<string>()]));
  for (const group of draft.groups.values()) {
    for (const host of group.hosts) for (const name of above.get(group.name) ?? []) found.get(host)?.add(name);
  }
  return found;
};

/**
 * Brings a draft whose sources are all read into the shape that every inventory has: each group below `all`, and in
 * `ungrouped` exactly the hosts that no other group has.
 */
export const settle = (draft: Draft): void => {
  for (const group of draft.groups.values()) {
    if (group.name !== 'all' && group.parents.size === 0) addChild(draft, 'all', group.name);
  }
  const ungrouped = draft.groups.get('ungrouped');
  for (const [host, groups] of memberships(draft)) {
    const others = [...groups].filter((group) => group !== 'all' && group !== 'ungrouped');
    if (others.length > 0) ungrouped?.hosts.delete(host);
    else ungrouped?.hosts.add(host);
  }
  for (const name of draft.groups.keys()) {
    if (draft.hosts.has(name)) warn(draft.complaints, `${name} is the name of a group and of a host`);
  }
};

/** Each group's longest way down from one without parents. */
export const depths = (groups: ReadonlyMap<string, DraftGroup>): ReadonlyMap<string, number> => {
  const found = new Map<string, number>();
  const depthOf = (name: string): number => {
    const known = found.get(name);
    if (known !== undefined) return known;
    const above = [...(groups.get(name)?.parents ?? [])].map(depthOf);
    const depth = above.length === 0 ? 0 : Math.max(...above) + 1;
    found.set(name, depth);
    return depth;
  };
  for (const name of groups.keys()) depthOf(name);
  return found;
};
