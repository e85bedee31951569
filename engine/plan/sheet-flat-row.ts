const PAIR = /^(?:- | {2})([A-Za-z]+): (.+)$/;
const NOTHING = /^(?:\s*|\s+#.*|#.*)$/;

const INTEGER = /^(?:0|[1-9]\d{0,14})$/;
const QUOTED = /^'([^']*)'$/;
// What cannot be anything but text in YAML 1.2: no indicator at its start, no number's or constant's form, nothing that
// ends a plain scalar.
const TEXT = /^[A-Za-z/_][^\p{Cc}]*$/u;
const SPECIAL = /: | #|:$|\s$|^(?:true|false|null)$/i;
const VECTOR = /^\d+(?: \d+)+$/;

const valueOf = (text: string): string | number | undefined => {
  if (INTEGER.test(text)) return Number(text);
  const quoted = QUOTED.exec(text)?.[1];
  if (quoted !== undefined) return quoted;
  return (TEXT.test(text) && !SPECIAL.test(text)) || VECTOR.test(text) ? text : undefined;
};

/**
 * Reads the plainest kind of YAML list item: `- key: value` and `  key: value` lines of whole numbers, single-quoted and
 * plain texts. Undefined for all else, which a real YAML parser has to read: a hundred times slower, and a run reads
 * hundreds of items before its first host.
 */
export const flatRow = (lines: readonly string[]): Record<string, string | number> | undefined => {
  const row: Record<string, string | number> = {};
  for (const line of lines) {
    if (NOTHING.test(line)) continue;
    const [, key, text] = PAIR.exec(line) ?? [];
    const value = text === undefined ? undefined : valueOf(text);
    if (key === undefined || value === undefined || Object.hasOwn(row, key)) return undefined;
    row[key] = value;
  }
  return row;
};
