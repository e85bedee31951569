import type {Nic} from '../facts/nic.ts';
import type {Services} from '../facts/services.ts';
import type {Boot} from '../model/setting.ts';
import {iniSections, linkMatches, microseconds} from './link-file.ts';
import {ATTRIBUTE_NAMES} from './nic-names.ts';
import {switchOf} from './values.ts';

type File = Services['files'][number];
type Found = {value: string; by: string};

const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

const DIRECTORIES = ['/etc/', '/run/', '/usr/local/lib/', '/usr/lib/'];

const directoryRank = (path: string): number => DIRECTORIES.findIndex((directory) => path.startsWith(directory));

/** .link files in udev's order: by name, and of equal names only the one of the first directory. */
const linkFiles = (files: readonly File[]): readonly File[] => {
  const byName = new Map<string, File>();
  for (const file of files) {
    if (file.kind !== 'link' || !file.path.endsWith('.link')) continue;
    const name = baseName(file.path);
    const other = byName.get(name);
    if (!other || directoryRank(file.path) < directoryRank(other.path)) byName.set(name, file);
  }
  return [...byName].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, file]) => file);
};

const plain = (attribute: string, value: string): string => {
  if (/^(?:feature|pause|coalesce\.adaptive)/.test(attribute)) return switchOf(value) ?? value;
  return value.toLowerCase();
};

// udev takes only the first .link file that matches, and every key of it (systemd.link(5)).
const fromLink = (files: readonly File[], nic: Nic, attribute: string): Found | undefined => {
  const key = ATTRIBUTE_NAMES[attribute]?.link;
  const file = linkFiles(files).find((one) => linkMatches(one, nic));
  const value = file && key !== undefined ? iniSections(file)['Link']?.[key] : undefined;
  if (value === undefined) return undefined;
  const spoken = attribute.includes('usecs') ? (microseconds(value) ?? value) : plain(attribute, value);
  return {value: spoken, by: file?.path ?? ''};
};

const NM_TRUTH: Readonly<Record<string, string>> = {'1': 'on', '0': 'off'};

const fromNetworkManager = (files: readonly File[], nic: Nic, attribute: string): Found | undefined => {
  for (const file of files) {
    if (file.kind !== 'networkmanager') continue;
    const sections = iniSections(file);
    if (sections['connection']?.['interface-name'] !== nic.name) continue;
    const property = ATTRIBUTE_NAMES[attribute]?.networkManager;
    const value =
      attribute === 'mtu'
        ? sections['ethernet']?.['mtu']
        : property === undefined
          ? undefined
          : sections['ethtool']?.[property];
    if (value === undefined) continue;
    const adaptive = /adaptive/.test(attribute);
    return {value: (adaptive ? NM_TRUTH[value] : undefined) ?? plain(attribute, value), by: file.path};
  }
  return undefined;
};

const ETHTOOL = /\bethtool\s+-([GLCKA])\s+"?(\S+?)"?\s+([^;&|\n]+)/g;

// `$IFACE` is the interface that an ifupdown hook runs for; `$name` and `%k` the one of a udev rule.
const means = (word: string, nic: Nic): boolean => word === nic.name || /^(?:\$\{?IFACE\}?|\$name|%k)$/.test(word);

const fromScripts = (files: readonly File[], nic: Nic, attribute: string): Found | undefined => {
  const ethtool = ATTRIBUTE_NAMES[attribute]?.ethtool;
  if (!ethtool) return undefined;
  let found: Found | undefined;
  for (const file of files) {
    if (file.kind === 'link') continue;
    for (const [, verb, name = '', rest = ''] of file.text.matchAll(ETHTOOL)) {
      const parts = rest.replaceAll(/["']/g, '').split(/\s+/);
      const place = parts.indexOf(ethtool[1]);
      const value = verb === ethtool[0] && means(name, nic) && place >= 0 ? parts[place + 1] : undefined;
      if (value !== undefined) found = {value: plain(attribute, value), by: file.path};
    }
  }
  return found;
};

/** What a NIC attribute will hold after a reboot by the files of this host: scripts run last, then NetworkManager, then udev's .link. */
export const bootAttribute = (files: readonly File[], nic: Nic, attribute: string): Boot => {
  if (files.length === 0) return {held: 'default'};
  const found =
    fromScripts(files, nic, attribute) ?? fromNetworkManager(files, nic, attribute) ?? fromLink(files, nic, attribute);
  return found ? {held: {value: found.value}, by: found.by} : {held: 'default'};
};
