import {count, keyedLines} from './answer.ts';

type Counts<K extends string> = {[key in K]?: number};

/**
 * The two halves of `-g` and `-l`: `Pre-set maximums` and `Current hardware settings`, by the names that `keys` gives
 * ethtool's labels. A kind that is 0 in both halves is absent: builds that ask by ioctl print 0 for what a driver lacks.
 */
export const maximumsAndNow = <K extends string>(
  text: string,
  keys: Readonly<Record<string, K>>,
): {now: Counts<K>; max: Counts<K>} | undefined => {
  const max: Counts<K> = {};
  const now: Counts<K> = {};
  // A map: a label is the host's text, and `constructor` is in every object.
  const kinds = new Map(Object.entries<K>(keys));
  let half: Counts<K> | undefined;
  for (const [label, value] of keyedLines(text)) {
    if (label === 'Pre-set maximums') half = max;
    else if (label === 'Current hardware settings') half = now;
    const key = kinds.get(label);
    const number = count(value);
    if (half && key !== undefined && number !== undefined) half[key] = number;
  }
  for (const key of kinds.values()) {
    if (max[key] || now[key]) continue;
    delete max[key];
    delete now[key];
  }
  return Object.keys(now).length === 0 ? undefined : {now, max};
};
