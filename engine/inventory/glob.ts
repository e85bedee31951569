const escaped = (character: string): string => character.replace(/[\\^$.*+?()[\]{}|/-]/, String.raw`\$&`);

/** The members of a bracket expression: a hyphen between two characters is a range, one that runs backwards is empty. */
const members = (text: string): string => {
  const characters = Array.from(text);
  let found = '';
  for (let at = 0; at < characters.length; at++) {
    const [first = '', hyphen, last] = characters.slice(at, at + 3);
    if (hyphen !== '-' || last === undefined) found += escaped(first);
    else {
      if (first <= last) found += `${escaped(first)}-${escaped(last)}`;
      at += 2;
    }
  }
  return found;
};

const bracket = (text: string): string => {
  const isNegated = text.startsWith('!');
  const found = members(isNegated ? text.slice(1) : text);
  // An empty class matches nothing, an empty negated one anything.
  if (found === '') return isNegated ? '.' : '(?!)';
  return `[${isNegated ? '^' : ''}${found}]`;
};

/** Where the bracket expression that opens at `open` closes, or -1: a `]` right at its start is a member of it. */
const closingBracket = (glob: string, open: number): number => {
  const start = glob[open + 1] === '!' ? open + 2 : open + 1;
  return glob.indexOf(']', start + 1);
};

/** A shell pattern (`*`, `?`, `[a-c]`, `[!x]`) as a regular expression for whole texts, as Python's `fnmatch` reads it. */
export const globExpression = (glob: string, flags = ''): RegExp => {
  let source = '';
  for (let at = 0; at < glob.length; at++) {
    const character = glob[at] ?? '';
    const close = character === '[' ? closingBracket(glob, at) : -1;
    if (character === '*') source += '.*';
    else if (character === '?') source += '.';
    else if (close < 0) source += escaped(character);
    else {
      source += bracket(glob.slice(at + 1, close));
      at = close;
    }
  }
  return new RegExp(`^(?:${source})$`, `s${flags}`);
};
