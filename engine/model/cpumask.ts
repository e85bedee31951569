import type {Cpus} from './cpulist.ts';

/**
 * Prints a set as the kernel's comma-separated 32-bit hex groups, highest first, e.g. `0000000f,00000000`.
 * The kernel refuses (EOVERFLOW) both a run of more than eight digits and a group beyond its own width, so the number
 * of groups is exactly that of `possible` CPUs (highest possible CPU number + 1), rounded up to 32.
 */
export const formatCpuMask = (cpus: Cpus, possible: number): string => {
  const groups = Array.from({length: Math.max(1, Math.ceil(possible / 32))}, () => 0);
  for (const cpu of cpus) {
    const group = Math.floor(cpu / 32);
    groups[group] = ((groups[group] ?? 0) | (1 << (cpu % 32))) >>> 0;
  }
  const width = Math.ceil((((possible - 1) % 32) + 1) / 4);
  return groups
    .toReversed()
    .map((group, index) => group.toString(16).padStart(index === 0 ? width : 8, '0'))
    .join(',');
};

/** Reads `ff`, `0000000f,00000000` or a longer run of digits; undefined when it is not a mask. */
export const parseCpuMask = (text: string): Cpus | undefined => {
  const trimmed = text.trim();
  if (!/^[0-9a-f]+(,[0-9a-f]{1,8})*$/i.test(trimmed)) return undefined;
  const [first = '', ...rest] = trimmed.split(',');
  const digits = first + rest.map((group) => group.padStart(8, '0')).join('');
  const cpus: number[] = [];
  for (let place = 0; place < digits.length; place++) {
    const nibble = Number.parseInt(digits[digits.length - 1 - place] ?? '0', 16);
    for (let bit = 0; bit < 4; bit++) if (nibble & (1 << bit)) cpus.push(place * 4 + bit);
  }
  return cpus;
};
