/** Reads Python's string literals: prefixes, both quotes, triple quotes and escapes. */
export type StringLiteral = {text: string; bytes: boolean; end: number};

const OPENING = /(?<prefix>[rR][bB]?|[bB][rR]?|[uU])?(?<quote>'''|"""|'|")/y;

const SIMPLE: Readonly<Record<string, string>> = {
  '\\': '\\',
  "'": "'",
  '"': '"',
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

type Captures = readonly (string | undefined)[];

// Captures: octal, two, four and eight hexadecimal digits, one character.
const ESCAPE = /\\(?:([0-7]{1,3})|x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([\\'"abfnrtv]))/g;

// An escape that Python knows and that is not spelled right is an error, and so are names of characters: they need
// the Unicode database. An escape that it does not know stays as it is written.
const REFUSED = /\\(?:x(?![\da-fA-F]{2})|u(?![\da-fA-F]{4})|U(?![\da-fA-F]{8})|N)/;

const unescape = (body: string, bytes: boolean): string | undefined => {
  if (!bytes && REFUSED.test(body.replaceAll('\\\\', ''))) return undefined;
  let outside = false;
  const text = body.replaceAll(ESCAPE, (whole: string, ...[octal, byte, short, long, one]: Captures) => {
    if (one !== undefined) return SIMPLE[one] ?? whole;
    if (bytes && byte === undefined && octal === undefined) return whole;
    const code = octal === undefined ? Number.parseInt(byte ?? short ?? long ?? '', 16) : Number.parseInt(octal, 8);
    outside ||= code > 0x10_ff_ff;
    return outside ? '' : String.fromCodePoint(code);
  });
  return outside ? undefined : text;
};

const closing = (source: string, from: number, quote: string): number => {
  for (let at = from; at < source.length; at++) {
    if (source[at] === '\\') at++;
    else if (source.startsWith(quote, at)) return at;
  }
  return -1;
};

/** The literal that starts at `at`, or undefined when there is none or it is not well formed. */
export const readString = (source: string, at: number): StringLiteral | undefined => {
  OPENING.lastIndex = at;
  const groups = OPENING.exec(source)?.groups;
  if (groups === undefined) return undefined;
  const start = OPENING.lastIndex;
  const prefix = (groups['prefix'] ?? '').toLowerCase();
  const quote = groups['quote'] ?? '';
  const close = closing(source, start, quote);
  if (close < 0) return undefined;
  const bytes = prefix.includes('b');
  const body = source.slice(start, close);
  const text = prefix.includes('r') ? body : unescape(body, bytes);
  return text === undefined ? undefined : {text, bytes, end: close + quote.length};
};
