import type {Nic} from '../../facts/nic.ts';
import {iniEntries, iniSections} from '../ini-file.ts';
import {ATTRIBUTE_NAMES} from '../nic-names.ts';
import {type File, type Persisted, spoken, unquoted} from './persisted.ts';
import {ethtoolSettings} from './tool-words.ts';

const PROPERTIES = new Map([
  ...Object.entries(ATTRIBUTE_NAMES).flatMap(([attribute, {networkManager}]) =>
    networkManager === undefined ? [] : [[`ethtool ${networkManager}`, attribute] as const],
  ),
  ['ethernet mtu', 'mtu'],
  ['802-3-ethernet mtu', 'mtu'],
]);

const sameMac = (nic: Nic, mac: string): boolean =>
  [nic.mac, nic.permanentMac].some((own) => own?.toLowerCase() === mac.toLowerCase());

/** A profile is for the interface that it names, or for the one of a MAC address; for which others is not foreseeable. */
const takesProfile = (file: File): ((nic: Nic) => boolean) => {
  const sections = iniSections(file);
  const name = sections['connection']?.['interface-name'];
  const mac = sections['ethernet']?.['mac-address'] ?? sections['802-3-ethernet']?.['mac-address'];
  return (nic) => (name === undefined ? mac !== undefined && sameMac(nic, mac) : nic.name === name);
};

/** Keyfiles of NetworkManager (nm-settings-keyfile(5)). */
export const profileSettings = (files: readonly File[]): readonly Persisted[] =>
  files
    .filter(({path}) => path.includes('/system-connections/'))
    .flatMap((file) => {
      const takes = takesProfile(file);
      return iniEntries(file).flatMap(({section, key, value, at}) => {
        const attribute = PROPERTIES.get(`${section} ${key}`);
        // An MTU of 0 leaves it as it is.
        if (attribute === undefined || (attribute === 'mtu' && value === '0')) return [];
        return [{attribute, value: spoken(attribute, value), at, takes}];
      });
    });

/** ifup-eth runs one ethtool for each part between semicolons; `$DEVICE` and any other name are this file's interface. */
const ifcfgEntry = (key: string, value: string): readonly {attribute: string; value: string}[] => {
  if (key === 'MTU') return [{attribute: 'mtu', value: unquoted(value)}];
  if (key !== 'ETHTOOL_OPTS' && key !== 'ETHTOOL_OPTIONS') return [];
  return unquoted(value).split(';').flatMap(ethtoolSettings);
};

/** The files of initscripts, of NetworkManager's ifcfg-rh and of wicked: shell assignments. */
export const ifcfgSettings = (files: readonly File[]): readonly Persisted[] =>
  files.flatMap((file) => {
    const ofPath = /\/ifcfg-([^/]+)$/.exec(file.path)?.[1];
    if (ofPath === undefined) return [];
    const own = iniSections(file)[''] ?? {};
    const [device, mac] = [unquoted(own['DEVICE'] ?? ''), unquoted(own['HWADDR'] ?? '')];
    const takes = (nic: Nic): boolean =>
      device === '' && mac !== '' ? sameMac(nic, mac) : nic.name === (device === '' ? ofPath : device);
    return iniEntries(file).flatMap(({key, value, at}) =>
      ifcfgEntry(key, value).map((found) => ({
        attribute: found.attribute,
        value: spoken(found.attribute, found.value),
        at,
        takes,
      })),
    );
  });
