/** A set of CPU numbers, ascending and without repeats. */
export type Cpus = readonly number[];

const PART = /^(\d+)(?:-(\d+)(?::(\d+)\/(\d+))?)?$/;

/**
 * Reads the kernel's list format: `0-3,8,16-31:2/4` (groups as in Documentation/admin-guide/kernel-parameters.rst).
 * An empty text is the empty set; anything else that is not a list is undefined.
 */
export const parseCpuList = (text: string): Cpus | undefined => {
  const trimmed = text.trim();
  if (trimmed === '') return [];
  const found = new Set<number>();
  for (const part of trimmed.split(',')) {
    const match = PART.exec(part.trim());
    if (!match) return undefined;
    const first = Number(match[1]);
    const last = match[2] === undefined ? first : Number(match[2]);
    const used = match[3] === undefined ? 1 : Number(match[3]);
    const group = match[4] === undefined ? 1 : Number(match[4]);
    if (last < first || group === 0 || used > group || last > 1_048_575) return undefined;
    for (let cpu = first; cpu <= last; cpu++) if ((cpu - first) % group < used) found.add(cpu);
  }
  return [...found].sort((a, b) => a - b);
};

/** Prints `[0,1,2,8]` as `0-2,8`; the empty set as the empty text. */
export const formatCpuList = (cpus: Cpus): string => {
  const parts: string[] = [];
  for (let start = 0; start < cpus.length;) {
    let end = start;
    while (cpus[end + 1] === (cpus[end] ?? Number.NaN) + 1) end++;
    parts.push(start === end ? String(cpus[start]) : `${String(cpus[start])}-${String(cpus[end])}`);
    start = end + 1;
  }
  return parts.join(',');
};

/** Those of `cpus` that are also in `others`. */
export const intersect = (cpus: Cpus, others: Cpus): Cpus => {
  const set = new Set(others);
  return cpus.filter((cpu) => set.has(cpu));
};

/** Those of `cpus` that are not in `others`. */
export const without = (cpus: Cpus, others: Cpus): Cpus => {
  const set = new Set(others);
  return cpus.filter((cpu) => !set.has(cpu));
};

/** All of both, ascending. */
export const union = (cpus: Cpus, others: Cpus): Cpus => [...new Set([...cpus, ...others])].sort((a, b) => a - b);
