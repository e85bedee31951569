/** What a host shows of itself: files and links by absolute path, commands' answers by the probe's names. */
export type Tree = {
  files: Map<string, string>;
  /** Relative targets. */
  links: Map<string, string>;
  runs: Map<string, {status: number; output: string}>;
};

export const emptyTree = (): Tree => ({files: new Map(), links: new Map(), runs: new Map()});

/** Adds files below a directory, each with the newline that the kernel ends it with. */
export const addFiles = (
  tree: Tree,
  directory: string,
  files: Readonly<Record<string, string | number | undefined>>,
): void => {
  for (const [name, value] of Object.entries(files)) {
    if (value !== undefined) tree.files.set(`${directory}/${name}`, `${String(value)}\n`);
  }
};

export const addRun = (tree: Tree, name: string, output: string, status = 0): void => {
  tree.runs.set(name, {status, output});
};

/** Adds a link; `target` is absolute within the host, and is written relative as sysfs does. */
export const addLink = (tree: Tree, path: string, target: string): void => {
  const depth = path.split('/').length - 2;
  tree.links.set(path, `${'../'.repeat(depth)}${target.slice(1)}`);
};

/** `0-3,8` as numbers; the generator's own reader, so that a mistake in the engine's shows. */
export const numbersIn = (list: string): readonly number[] =>
  list === ''
    ? []
    : list.split(',').flatMap((part) => {
        const [first = 0, last = first] = part.split('-').map(Number);
        return Array.from({length: last - first + 1}, (_, index) => first + index);
      });

/** Numbers in the kernel's list format (`%*pbl`). */
export const listOf = (numbers: readonly number[]): string => {
  const runs: [number, number][] = [];
  for (const number of numbers.toSorted((a, b) => a - b)) {
    const run = runs.at(-1);
    if (run && run[1] === number - 1) run[1] = number;
    else runs.push([number, number]);
  }
  return runs.map(([first, last]) => (first === last ? String(first) : `${String(first)}-${String(last)}`)).join(',');
};

/** Numbers in the kernel's mask format (`%*pb`): groups of 32 bits, the first as wide as what is left of `bits`. */
export const maskOf = (numbers: readonly number[], bits: number): string => {
  const digits = numbers
    .reduce((mask, number) => mask | (1n << BigInt(number)), 0n)
    .toString(16)
    .padStart(Math.ceil(bits / 4), '0');
  const first = digits.length % 8;
  return [digits.slice(0, first), ...(digits.slice(first).match(/.{8}/g) ?? [])]
    .filter((group) => group !== '')
    .join(',');
};
