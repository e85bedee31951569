/** A configuration file of a host. */
export type ConfigurationFile = {path: string; text: string};

/** One assignment; `at` is `/path:line`. */
export type IniEntry = {section: string; key: string; value: string; at: string};

type Sections = Readonly<Record<string, Readonly<Record<string, string>>>>;
type Read = {entries: readonly IniEntry[]; sections: Sections};

const known = new WeakMap<ConfigurationFile, Read>();

const entriesOf = ({path, text}: ConfigurationFile): readonly IniEntry[] => {
  let section = '';
  return text.split('\n').flatMap((raw, index) => {
    const line = raw.trim();
    const header = /^\[(.+)\]$/.exec(line)?.[1];
    section = header ?? section;
    const equals = line.indexOf('=');
    if (header !== undefined || equals <= 0 || /^[#;]/.test(line)) return [];
    const [key, value] = [line.slice(0, equals).trim(), line.slice(equals + 1).trim()];
    return [{section, key, value, at: `${path}:${String(index + 1)}`}];
  });
};

const read = (file: ConfigurationFile): Read => {
  const found = known.get(file);
  if (found) return found;
  const entries = entriesOf(file);
  const sections: Record<string, Record<string, string>> = {};
  for (const {section, key, value} of entries) (sections[section] ??= {})[key] = value;
  known.set(file, {entries, sections});
  return {entries, sections};
};

/** The assignments of an ini-like file (systemd's, NetworkManager's keyfiles, ifcfg) in their order. */
export const iniEntries = (file: ConfigurationFile): readonly IniEntry[] => read(file).entries;

/** The same by section; the last of two equal keys counts. */
export const iniSections = (file: ConfigurationFile): Sections => read(file).sections;
