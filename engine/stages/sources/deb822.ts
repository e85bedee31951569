/** One paragraph of a control file: its fields by their names, lines after the first without their blank. */
export type Paragraph = ReadonlyMap<string, string>;

const paragraphOf = (text: string): Paragraph => {
  const fields = new Map<string, string>();
  let last = '';
  for (const line of text.split('\n')) {
    if (line.startsWith('#')) continue;
    const [, name, value = ''] = /^([^\s:]+):\s*(.*)$/.exec(line) ?? [];
    if (name !== undefined) {
      last = name;
      fields.set(name, value.trimEnd());
    } else if (/^[ \t]/.test(line) && last !== '') {
      fields.set(last, `${fields.get(last) ?? ''}\n${line.slice(1).trimEnd()}`);
    }
  }
  return fields;
};

/** The paragraphs of Debian's Release, Packages, Sources and .dsc files (deb822(5)), without a clear signature around them. */
export const parseDeb822 = (text: string): readonly Paragraph[] =>
  unsigned(text)
    .split(/\n[ \t]*\n/)
    .map(paragraphOf)
    .filter((fields) => fields.size > 0);

/** What a clear signature signs; a text that has none is left as it is (RFC 9580, 7). */
const unsigned = (text: string): string => {
  const [, signed] =
    /^-----BEGIN PGP SIGNED MESSAGE-----\n(?:[^\n]+\n)*\n([\s\S]*?)\n-----BEGIN PGP SIGNATURE-----/m.exec(text) ?? [];
  return (signed ?? text).replaceAll(/^- /gm, '');
};

/** One line of a field such as `SHA256` or `Checksums-Sha256`. */
export type IndexedFile = {name: string; digest: string; size: number};

/** The files that such a field lists. */
export const filesIn = (field: string | undefined): readonly IndexedFile[] =>
  (field ?? '').split('\n').flatMap((line) => {
    const [digest = '', size = '', name] = line.trim().split(/\s+/);
    return name === undefined || !/^\d+$/.test(size) ? [] : [{name, digest, size: Number(size)}];
  });
