/** One line of a unified diff: kept, removed or added, or the head of a hunk. */
export type DiffLine = {mark: ' ' | '-' | '+' | '@'; text: string};

type Edit = {mark: ' ' | '-' | '+'; text: string};

/** Beyond this many pairs of lines no common lines are looked for in the middle. */
const MOST_PAIRS = 4_000_000;

const edits = (mark: Edit['mark'], lines: readonly string[]): Edit[] => lines.map((text) => ({mark, text}));

/** How long the longest common run of lines is from each pair of places on: one row for each line before. */
const commonLengths = (before: readonly string[], after: readonly string[]): readonly Uint32Array[] => {
  const rows = Array.from({length: before.length + 1}, () => new Uint32Array(after.length + 1));
  for (let one = before.length - 1; one >= 0; one -= 1) {
    const [row, next] = [rows[one], rows[one + 1]];
    if (!row || !next) continue;
    for (let other = after.length - 1; other >= 0; other -= 1) {
      row[other] =
        before[one] === after[other] ? (next[other + 1] ?? 0) + 1 : Math.max(next[other] ?? 0, row[other + 1] ?? 0);
    }
  }
  return rows;
};

const middleEdits = (before: readonly string[], after: readonly string[]): Edit[] => {
  if (before.length * after.length > MOST_PAIRS) return [...edits('-', before), ...edits('+', after)];
  const lengths = commonLengths(before, after);
  const found: Edit[] = [];
  let [one, other] = [0, 0];
  while (one < before.length || other < after.length) {
    const [text, next] = [before[one], after[other]];
    if (text !== undefined && text === next) {
      found.push({mark: ' ', text});
      [one, other] = [one + 1, other + 1];
    } else if (
      text !== undefined &&
      (next === undefined || (lengths[one + 1]?.[other] ?? 0) >= (lengths[one]?.[other + 1] ?? 0))
    ) {
      found.push({mark: '-', text});
      one += 1;
    } else if (next !== undefined) {
      found.push({mark: '+', text: next});
      other += 1;
    }
  }
  return found;
};

const commonStart = (before: readonly string[], after: readonly string[]): number => {
  const end = Math.min(before.length, after.length);
  let place = 0;
  while (place < end && before[place] === after[place]) place += 1;
  return place;
};

const allEdits = (before: readonly string[], after: readonly string[]): readonly Edit[] => {
  const start = commonStart(before, after);
  const [left, right] = [before.slice(start), after.slice(start)];
  const end = commonStart(left.toReversed(), right.toReversed());
  return [
    ...edits(' ', before.slice(0, start)),
    ...middleEdits(left.slice(0, left.length - end), right.slice(0, right.length - end)),
    ...edits(' ', left.slice(left.length - end)),
  ];
};

// A last line without its newline is another line than the same one with it.
const linesOf = (text: string): readonly string[] => {
  if (text === '') return [];
  const lines = text.split('\n');
  const last = lines.pop() ?? '';
  return last === '' ? lines : [...lines, `${last}\n\\ No newline at end of file`];
};

type Hunk = {from: number; to: number};

const hunksOf = (all: readonly Edit[], context: number): readonly Hunk[] => {
  const hunks: Hunk[] = [];
  for (const [place, {mark}] of all.entries()) {
    if (mark === ' ') continue;
    const last = hunks.at(-1);
    const [from, to] = [Math.max(0, place - context), Math.min(all.length, place + context + 1)];
    if (last && from <= last.to) last.to = to;
    else hunks.push({from, to});
  }
  return hunks;
};

const count = (part: readonly Edit[], mark: '-' | '+'): number => part.filter((edit) => edit.mark !== mark).length;

// An empty part is named by the line before it, as diff -u does.
const extent = (before: number, length: number): string =>
  `${String(length === 0 ? before : before + 1)}${length === 1 ? '' : `,${String(length)}`}`;

/** What makes one text of another, line by line with `context` lines around, as `diff -u` says it; empty when they are equal. */
export const textDiff = (before: string, after: string, context = 3): readonly DiffLine[] => {
  const all = allEdits(linesOf(before), linesOf(after));
  return hunksOf(all, context).flatMap(({from, to}) => {
    const [ahead, part] = [all.slice(0, from), all.slice(from, to)];
    const old = extent(count(ahead, '+'), count(part, '+'));
    const young = extent(count(ahead, '-'), count(part, '-'));
    const lines = part.flatMap(({mark, text}): DiffLine[] => {
      const [line = '', note] = text.split('\n');
      return [{mark, text: line}, ...(note === undefined ? [] : [{mark: '@' as const, text: note}])];
    });
    return [{mark: '@' as const, text: `@@ -${old} +${young} @@`}, ...lines];
  });
};
