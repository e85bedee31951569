const segments = (text: string): string[] => text.match(/\d+|[a-zA-Z]+|~|\^/g) ?? [];

const compareDigits = (a: string, b: string): number => {
  const left = a.replace(/^0+/, '');
  const right = b.replace(/^0+/, '');
  return left.length - right.length || (left < right ? -1 : left > right ? 1 : 0);
};

const compareSegment = (a: string | undefined, b: string | undefined): number => {
  if (a === b) return 0;
  if (a === '~') return -1;
  if (b === '~') return 1;
  if (a === undefined) return -1;
  if (b === undefined) return 1;
  if (a === '^') return -1;
  if (b === '^') return 1;
  const digitsA = /^\d/.test(a);
  const digitsB = /^\d/.test(b);
  if (digitsA && digitsB) return compareDigits(a, b);
  if (digitsA !== digitsB) return digitsA ? 1 : -1;
  return a < b ? -1 : 1;
};

/**
 * RPM's order, for versions that are not semantic ones (kernels, DPDK's `23.03`, EL releases): digits by number,
 * letters by text, `~` sorts before everything, `^` after the version it follows. Negative, zero or positive.
 */
export const compareVersions = (a: string, b: string): number => {
  const left = segments(a);
  const right = segments(b);
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    const order = compareSegment(left[index], right[index]);
    if (order !== 0) return order;
  }
  return 0;
};

const CONDITION = /^(>=|<=|>|<|=)?\s*(\S+)$/;

/** Whether `version` meets all of `range`'s blank-separated conditions (`>=4.12 <6.16`); undefined: not a range. */
export const versionMeets = (version: string, range: string): boolean | undefined => {
  for (const part of range.trim().split(/\s+(?=[<>=])/)) {
    const match = CONDITION.exec(part);
    if (!match) return undefined;
    const order = compareVersions(version, match[2] ?? '');
    const operator = match[1] ?? '=';
    const met =
      operator === '>='
        ? order >= 0
        : operator === '<='
          ? order <= 0
          : operator === '>'
            ? order > 0
            : operator === '<'
              ? order < 0
              : order === 0;
    if (!met) return false;
  }
  return true;
};
