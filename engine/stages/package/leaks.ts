/** Where a builder lets a script find things; they are in no package either. */
const FIXED = ['/linerate/in/', '/linerate/out', '/linerate/work', '/linerate/files'];

// Names that many machines have, and words that kernels and packages hold anyway.
const COMMON = /^(?:localhost|debian|ubuntu|linux|server|build|builder|host|node|test|root|kernel|x86_64)$/;

/** What tells the machine that a package was built on: its name, and the folders of the build. */
export const namesOfBuilder = (host: string, folders: readonly string[]): readonly string[] => [
  ...FIXED,
  ...folders.filter((folder) => folder.split('/').length > 2),
  ...(host.length < 5 || COMMON.test(host) ? [] : [host]),
];

// One character a byte, so that places in the text are places in the bytes.
const textOf = (bytes: Uint8Array): string => new TextDecoder('latin1').decode(bytes);

const isPartOfWord = (character: string | undefined): boolean =>
  character !== undefined && /[A-Za-z0-9]/.test(character);

// Between two characters of a word there is none.
const isEdge = (left: string | undefined, right: string | undefined): boolean =>
  !isPartOfWord(left) || !isPartOfWord(right);

const holds = (text: string, name: string): boolean => {
  for (let at = text.indexOf(name); at !== -1; at = text.indexOf(name, at + 1))
    if (isEdge(text[at - 1], name[0]) && isEdge(name.at(-1), text[at + name.length])) return true;
  return false;
};

/** Those of the names that the bytes hold as words of their own. */
export const leaksIn = (bytes: Uint8Array, names: readonly string[]): readonly string[] => {
  const text = textOf(bytes);
  return names.filter((name) => holds(text, textOf(new TextEncoder().encode(name))));
};
