import type {Nic} from '../facts/nic.ts';

type Sections = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** A configuration file of a host. */
export type ConfigurationFile = {path: string; text: string};

const read = new WeakMap<ConfigurationFile, Sections>();

const parse = (text: string): Sections => {
  const sections: Record<string, Record<string, string>> = {};
  let current: Record<string, string> = {};
  for (const raw of text.split('\n')) {
    const line = raw.trim();
    const header = /^\[(.+)\]$/.exec(line)?.[1];
    const equals = line.indexOf('=');
    if (header !== undefined) current = sections[header] ??= {};
    else if (equals > 0 && !/^[#;]/.test(line)) current[line.slice(0, equals).trim()] = line.slice(equals + 1).trim();
  }
  return sections;
};

/** The sections of an ini-like file (systemd's, NetworkManager's keyfiles); the last of two equal keys counts. */
export const iniSections = (file: ConfigurationFile): Sections => {
  const found = read.get(file);
  if (found) return found;
  const sections = parse(file.text);
  read.set(file, sections);
  return sections;
};

const globPattern = (glob: string): RegExp =>
  new RegExp(
    `^${glob
      .replaceAll(/[.+^${}()|\\]/g, String.raw`\$&`)
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
    'i',
  );

const anyMatches = (globs: string, value: string): boolean => {
  const negated = globs.startsWith('!');
  const list = (negated ? globs.slice(1) : globs).split(/\s+/).filter((glob) => glob !== '');
  return list.some((glob) => globPattern(glob).test(value)) !== negated;
};

const matchValues = (nic: Nic): Readonly<Record<string, string>> => ({
  OriginalName: nic.name,
  Driver: nic.driver,
  Path: nic.pci ? `pci-${nic.pci.address}` : '',
  MACAddress: nic.mac,
  PermanentMACAddress: nic.permanentMac ?? nic.mac,
});

/**
 * Whether a .link file's [Match] section takes this NIC, by the keys that facts tell. A key that they do not tell (Type,
 * Host, Architecture …) is taken for met. OriginalName is compared with today's name, which may be a renamed one.
 */
export const linkMatches = (file: ConfigurationFile, nic: Nic): boolean => {
  const values = matchValues(nic);
  return Object.entries(iniSections(file)['Match'] ?? {}).every(([key, globs]) => {
    const value = values[key];
    return value === undefined || anyMatches(globs, value);
  });
};

const UNITS: Readonly<Record<string, number>> = {us: 1, ms: 1000, s: 1_000_000, '': 1_000_000};

/** A systemd time span (`100us`; a bare number counts seconds) in microseconds; undefined when it is none. */
export const microseconds = (span: string): string | undefined => {
  const match = /^(\d+)\s*(us|ms|s)?$/.exec(span.trim());
  if (!match) return undefined;
  return String(Number(match[1]) * (UNITS[match[2] ?? ''] ?? 1));
};
