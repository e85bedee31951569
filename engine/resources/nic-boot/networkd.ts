import {globPattern} from '../../facts/glob.ts';
import {directoriesOf} from '../../facts/merged-files.ts';
import type {Nic} from '../../facts/nic.ts';
import {iniEntries, iniSections} from '../ini-file.ts';
import {ATTRIBUTE_NAMES} from '../nic-names.ts';
import {type File, type Persisted, inOrder, spoken} from './persisted.ts';

const withSuffix = (files: readonly File[], suffix: string): readonly File[] =>
  inOrder(
    files.filter(({path}) => path.endsWith(suffix)),
    directoriesOf('systemd/network'),
  );

const anyMatches = (globs: string, value: string): boolean => {
  const negated = globs.startsWith('!');
  const list = (negated ? globs.slice(1) : globs).split(/\s+/).filter((glob) => glob !== '');
  return list.some((glob) => globPattern(glob.toLowerCase()).test(value.toLowerCase())) !== negated;
};

const matchValues = (nic: Nic): Readonly<Record<string, string>> => ({
  Name: nic.name,
  OriginalName: nic.name,
  Driver: nic.driver,
  Path: nic.pci ? `pci-${nic.pci.address}` : '',
  MACAddress: nic.mac,
  PermanentMACAddress: nic.permanentMac ?? nic.mac,
});

/**
 * Whether a file's [Match] section takes this NIC, by the keys that facts tell. A key that they do not tell (Type, Host,
 * Architecture …) is taken for met. OriginalName is compared with today's name, which may be a renamed one.
 */
const matches = (file: File, nic: Nic): boolean => {
  const values = matchValues(nic);
  return Object.entries(iniSections(file)['Match'] ?? {}).every(([key, globs]) => {
    const value = values[key];
    return value === undefined || anyMatches(globs, value);
  });
};

const UNITS: Readonly<Record<string, number>> = {us: 1, ms: 1000, s: 1_000_000, '': 1_000_000};

/** A systemd time span (`100us`; a bare number counts seconds) in microseconds; the text itself when it is none. */
const microseconds = (span: string): string => {
  const [, number, unit = ''] = /^(\d+)\s*(us|ms|s)?$/.exec(span.trim()) ?? [];
  return number === undefined ? span : String(Number(number) * (UNITS[unit] ?? 1));
};

const BYTES: Readonly<Record<string, number>> = {K: 1024, M: 1024 * 1024};

/** A size with systemd's suffixes to the base of 1024. */
const bytes = (size: string): string => {
  const [, number, unit = ''] = /^(\d+)([KM])$/.exec(size.trim()) ?? [];
  return number === undefined ? size : String(Number(number) * (BYTES[unit] ?? 1));
};

const valueOf = (attribute: string, value: string): string => {
  if (attribute.includes('usecs')) return microseconds(value);
  return attribute === 'mtu' ? bytes(value) : spoken(attribute, value);
};

const ATTRIBUTES = new Map(
  Object.entries(ATTRIBUTE_NAMES).flatMap(([attribute, {link}]) => (link === undefined ? [] : [[link, attribute]])),
);

/** Only the first file that matches is taken, and every key of it (systemd.link(5), systemd.network(5)). */
const settingsOf = (files: readonly File[], attributes: ReadonlyMap<string, string>): readonly Persisted[] =>
  files.flatMap((file) => {
    const takes = (nic: Nic): boolean => files.find((one) => matches(one, nic)) === file;
    return iniEntries(file).flatMap(({section, key, value, at}) => {
      const attribute = section === 'Link' ? attributes.get(key) : undefined;
      return attribute === undefined ? [] : [{attribute, value: valueOf(attribute, value), at, takes}];
    });
  });

/** What udev sets by .link files when a NIC appears. */
export const linkFileSettings = (files: readonly File[]): readonly Persisted[] =>
  settingsOf(withSuffix(files, '.link'), ATTRIBUTES);

/** What systemd-networkd sets by .network files. */
export const networkFileSettings = (files: readonly File[]): readonly Persisted[] =>
  settingsOf(withSuffix(files, '.network'), new Map([['MTUBytes', 'mtu']]));
