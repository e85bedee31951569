import type {Change, Step} from '../../model/change.ts';

const VERBS = new Set(['-G', '-L', '-C', '-K', '-A', '--set-priv-flags']);

/** The words that two commands must share to be one: `ethtool -G ens1f0`, `modprobe nf_conntrack`. */
const sharedWords = (argv: readonly string[]): number => {
  if (argv[0] === 'ethtool' && VERBS.has(argv[1] ?? '')) return 3;
  return argv[0] === 'modprobe' && argv[1] !== '-r' ? 2 : 0;
};

type Packages = Step & {do: 'packages'};

/** Two transactions as one: what one of them may not do, both may not. */
const mergedPackages = (a: Packages, b: Packages): Packages => ({
  ...a,
  install: [...a.install, ...b.install],
  remove: [...a.remove, ...b.remove],
  purge: [...a.purge, ...b.purge],
  exact: a.exact && b.exact,
});

/** One command for two, where they are the same but for what they set; undefined where they are not. */
export const mergedStep = (a: Step | undefined, b: Step | undefined): Step | undefined => {
  if (a?.do === 'packages' && b?.do === 'packages') return mergedPackages(a, b);
  if (a?.do !== 'run' || b?.do !== 'run' || a.optional !== b.optional) return undefined;
  const shared = sharedWords(a.argv);
  const same = shared > 0 && a.argv.slice(0, shared).join(' ') === b.argv.slice(0, shared).join(' ');
  return same ? {...a, argv: [...a.argv, ...b.argv.slice(shared)]} : undefined;
};

/** Neighbouring steps that can be one command as one. */
export const mergedSteps = (steps: readonly Step[]): readonly Step[] => {
  const merged: Step[] = [];
  for (const step of steps) {
    const both = mergedStep(merged.at(-1), step);
    if (both) merged[merged.length - 1] = both;
    else merged.push(step);
  }
  return merged;
};

/**
 * Neighbouring changes that one command can make: the first of them has it, and an undo for all, as a NIC resets for each
 * command and not for each value.
 */
export const mergedChanges = (changes: readonly Change[]): readonly Change[] => {
  const merged: Change[] = [];
  let carrier = -1;
  for (const change of changes) {
    const first = merged[carrier];
    const both = change.steps.length === 1 ? mergedStep(first?.steps.at(-1), change.steps[0]) : undefined;
    if (first && both) {
      merged[carrier] = {...first, steps: [...first.steps.slice(0, -1), both]};
      merged.push({...change, steps: [], undo: [], with: first.id});
    } else {
      carrier = merged.push(change) - 1;
    }
  }
  return merged;
};
