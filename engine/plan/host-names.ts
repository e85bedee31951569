type Part = {prefix: string; digits: string; suffix: string};

const split = (name: string): Part | undefined => {
  const match = /^(.*?)(\d+)(\D*)$/.exec(name);
  return match ? {prefix: match[1] ?? '', digits: match[2] ?? '', suffix: match[3] ?? ''} : undefined;
};

const follows = (a: Part, b: Part): boolean =>
  a.prefix === b.prefix &&
  a.suffix === b.suffix &&
  Number(b.digits) === Number(a.digits) + 1 &&
  (a.digits.length === b.digits.length || !(a.digits.startsWith('0') || b.digits.startsWith('0')));

const text = (run: readonly string[]): string => {
  const [first, last] = [run[0] ?? '', run.at(-1) ?? ''];
  const from = split(first);
  const to = split(last);
  return run.length < 3 || !from || !to ? run.join(', ') : `${from.prefix}[${from.digits}:${to.digits}]${from.suffix}`;
};

const natural = new Intl.Collator('en', {numeric: true}).compare;

/** Host names in natural order, runs of three and more as an inventory's range: `db1, web[01:12].example`. */
export const foldHostNames = (names: readonly string[]): string => {
  const runs: string[][] = [];
  for (const name of [...names].sort(natural)) {
    const run = runs.at(-1);
    const [last, next] = [split(run?.at(-1) ?? ''), split(name)];
    if (run && last && next && follows(last, next)) run.push(name);
    else runs.push([name]);
  }
  return runs.map(text).join(', ');
};
