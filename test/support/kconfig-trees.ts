import fc from 'fast-check';

/** Kconfig files by their paths, and what a fragment asks for. */
export type KconfigCase = {files: Readonly<Record<string, string>>; config: string};

const LIBRARIES = ['LIBRARY_A', 'LIBRARY_B'] as const;

const nameOf = (index: number): string => `S${String(index)}`;

/** An expression over symbols that were defined before: nothing depends on itself. */
const expression = (known: readonly string[]): fc.Arbitrary<string> => {
  const leaf = fc.oneof(
    fc.constantFrom('y', 'm', 'n', ...known),
    fc
      .tuple(fc.constantFrom(...known), fc.constantFrom('=', '!='), fc.constantFrom('y', 'm', 'n', '"y"'))
      .map(([name, operator, value]) => `${name} ${operator} ${value}`),
  );
  return fc.letrec<{any: string}>((tie) => ({
    any: fc.oneof(
      {maxDepth: 3},
      leaf,
      tie('any').map((one) => `!(${one})`),
      fc.tuple(tie('any'), tie('any')).map(([a, b]) => `${a} && ${b}`),
      fc.tuple(tie('any'), tie('any')).map(([a, b]) => `(${a} || ${b})`),
    ),
  })).any;
};

const optional = (line: fc.Arbitrary<string>): fc.Arbitrary<string> => fc.oneof(fc.constant(''), line);

const attributes = (known: readonly string[]): fc.Arbitrary<string> =>
  fc
    .tuple(
      optional(expression(known).map((text) => `\tdepends on ${text}\n`)),
      optional(
        fc
          .tuple(fc.constantFrom('y', 'm', 'n'), expression(known))
          .map(([value, text]) => `\tdefault ${value} if ${text}\n`),
      ),
      optional(
        fc
          .tuple(fc.constantFrom(...LIBRARIES), expression(known))
          .map(([name, text]) => `\tselect ${name} if ${text}\n`),
      ),
    )
    .map((lines) => lines.join(''));

const prompt = (known: readonly string[]): fc.Arbitrary<string> =>
  fc.oneof(
    {weight: 1, arbitrary: fc.constant('')},
    {weight: 3, arbitrary: fc.constant(' "asked"')},
    {weight: 1, arbitrary: expression(known).map((text) => ` "asked" if ${text}`)},
  );

const symbol = (index: number, known: readonly string[]): fc.Arbitrary<string> =>
  fc
    .tuple(fc.constantFrom('bool', 'tristate'), prompt(known), attributes(known))
    .map(([type, asked, rest]) => `config ${nameOf(index)}\n\t${type}${asked}\n${rest}`);

/** A symbol as it is, or below a condition, in a menu, or in a file of its own. */
const surrounded = (
  index: number,
  known: readonly string[],
): fc.Arbitrary<{main: string; file?: {path: string; text: string}}> =>
  fc
    .tuple(fc.constantFrom('bare', 'if', 'menu', 'visible', 'file'), symbol(index, known), expression(known))
    .map(([kind, text, condition]) => {
      if (kind === 'if') return {main: `if ${condition}\n\n${text}\nendif\n`};
      if (kind === 'menu') return {main: `menu "A menu"\n\tdepends on ${condition}\n\n${text}\nendmenu\n`};
      if (kind === 'visible') return {main: `menu "A menu"\n\tvisible if ${condition}\n\n${text}\nendmenu\n`};
      if (kind === 'bare') return {main: text};
      const path = `sub${String(index)}/Kconfig`;
      return {main: `if ${condition}\nsource "${path}"\nendif\n`, file: {path, text}};
    });

const CHOICE = `choice
	prompt "One of them" if S2 != n
	depends on S0

config ONE
	bool "One"

config TWO
	bool "Two"
	depends on S1

endchoice
`;

const LIBRARY_TEXT = `config LIBRARY_A\n\ttristate\n\nconfig LIBRARY_B\n\tbool "A library"\n`;

const COUNT = 6;

const wishes: fc.Arbitrary<string> = fc
  .array(
    fc.tuple(
      fc.constantFrom(...Array.from({length: COUNT}, (_, index) => nameOf(index)), ...LIBRARIES, 'ONE', 'TWO'),
      fc.constantFrom('y', 'm', 'n'),
    ),
    {maxLength: 8},
  )
  .map((lines) =>
    lines
      .filter(([name], place) => lines.findIndex(([other]) => other === name) === place)
      .map(([name, value]) => (value === 'n' ? `# CONFIG_${name} is not set\n` : `CONFIG_${name}=${value}\n`))
      .join(''),
  );

/** Trees of symbols with dependencies, prompts, selections, menus, conditions, files and a choice, and a fragment. */
export const kconfigCase: fc.Arbitrary<KconfigCase> = fc
  .tuple(
    fc.tuple(
      ...Array.from({length: COUNT}, (_, index) =>
        surrounded(index, ['MODULES', ...Array.from({length: index}, (_, before) => nameOf(before))]),
      ),
    ),
    wishes,
  )
  .map(([parts, config]) => ({
    files: {
      Kconfig: [
        'config MODULES\n\tdef_bool y\n\toption modules\n',
        LIBRARY_TEXT,
        ...parts.map(({main}) => main),
        CHOICE,
      ].join('\n'),
      ...Object.fromEntries(parts.flatMap(({file}) => (file ? [[file.path, file.text]] : []))),
    },
    config,
  }));
