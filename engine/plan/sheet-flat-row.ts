const PAIR = /^(?:- | {2})([A-Za-z]+): (.+)$/;
const NOTHING = /^(?:\s*|\s+#.*|#.*)$/;

const INTEGER = /^(?:0|[1-9]\d{0,14})$/;
const QUOTED = /^'((?:[^'\p{Cc}]|'')*)'$/u;
const WORDS = /^\[[a-z]+(?:-[a-z]+)*(?:, [a-z]+(?:-[a-z]+)*)*\]$/;
// What can be nothing but text in YAML 1.2: no indicator and no sign at its start, nothing that ends a plain scalar, no
// constant, and no number, for which a digit at the start needs a blank later on.
const TEXT = /^(?:[\p{L}/_<(]|\d+[^\s\p{Cc}]* )[^\p{Cc}]*$/u;
const SPECIAL = /: | #|:$|\s$|^(?:true|false|null)$/i;
const CONSTANT = /\b(?:true|false|null)\b/;

type Value = string | number | boolean | readonly string[];

const valueOf = (text: string): Value | undefined => {
  if (INTEGER.test(text)) return Number(text);
  if (text === 'true' || text === 'false') return text === 'true';
  const quoted = QUOTED.exec(text)?.[1];
  if (quoted !== undefined) return quoted.replaceAll("''", "'");
  if (WORDS.test(text) && !CONSTANT.test(text)) return text.slice(1, -1).split(', ');
  return TEXT.test(text) && !SPECIAL.test(text) ? text : undefined;
};

/**
 * Reads the plainest kind of YAML list item: `- key: value` and `  key: value` lines of whole numbers, true and false,
 * single-quoted and plain texts, and lists of plain words on one line. Undefined for all else, which a real YAML parser
 * has to read: many times slower, and a run reads hundreds of items before its first host.
 */
export const flatRow = (lines: readonly string[]): Record<string, Value> | undefined => {
  const row: Record<string, Value> = {};
  for (const line of lines) {
    if (NOTHING.test(line)) continue;
    const [, key, text] = PAIR.exec(line) ?? [];
    const value = text === undefined ? undefined : valueOf(text);
    if (key === undefined || value === undefined || Object.hasOwn(row, key)) return undefined;
    row[key] = value;
  }
  return row;
};
