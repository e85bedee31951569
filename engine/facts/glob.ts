const PART = /\*|\?|\[(!|\^)?(\]?[^\]]*)\]|[^*?[]+|\[/g;

/** One wildcard or plain run of a glob as regular-expression text. */
const tokenPattern = (token: string, negated: string | undefined, members: string | undefined): string => {
  if (token === '*') return '[^/]*';
  if (token === '?') return '[^/]';
  if (members === undefined) return token.replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`);
  return `(?!/)[${negated === undefined ? '' : '^'}${members.replaceAll(/[\\\]^]/g, String.raw`\$&`)}]`;
};

/** Whether a text has wildcards; braces alone are none. */
export const isGlob = (text: string): boolean => /[*?[]/.test(text);

/** A glob(7) pattern as a regular expression: no wildcard matches a slash, nor a leading dot. */
export const globPattern = (glob: string): RegExp => {
  const parts = glob
    .split('/')
    .map((part) => `${isGlob(part[0] ?? '') ? String.raw`(?!\.)` : ''}${part.replaceAll(PART, tokenPattern)}`);
  return new RegExp(`^${parts.join('/')}$`);
};

/** `a{b,c}d` as `abd`, `acd` (GLOB_BRACE of glob(3)); braces may be nested. */
export const expandBraces = (glob: string): readonly string[] => {
  const [whole, before = '', inner = '', after = ''] = /^(.*?)\{([^{}]*)\}(.*)$/.exec(glob) ?? [];
  if (whole === undefined) return [glob];
  return inner.split(',').flatMap((part) => expandBraces(`${before}${part}${after}`));
};
