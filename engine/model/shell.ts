const PLAIN = /^[A-Za-z0-9_@%+=:,./-]+$/;

/** One POSIX-sh word that stands for exactly `text` (dash and busybox know no `$'…'`). NUL cannot be passed: it throws. */
export const shellQuote = (text: string): string => {
  if (text.includes('\0')) throw new TypeError('a NUL byte cannot be part of a shell word');
  return PLAIN.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
};

/** The words of `argv`, each quoted, with spaces between. */
export const shellJoin = (argv: readonly string[]): string => argv.map(shellQuote).join(' ');
