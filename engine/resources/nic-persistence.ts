import type {Nic} from '../facts/nic.ts';
import type {Services} from '../facts/services.ts';
import type {Boot} from '../model/setting.ts';
import {stanzaSettings} from './nic-boot/ifupdown.ts';
import {netplanSettings} from './nic-boot/netplan.ts';
import {linkFileSettings, networkFileSettings} from './nic-boot/networkd.ts';
import {ifcfgSettings, profileSettings} from './nic-boot/profiles.ts';
import type {File, Persisted} from './nic-boot/persisted.ts';
import {scriptSettings} from './nic-boot/scripts.ts';
import {ruleSettings} from './nic-boot/udev-rules.ts';

type Reader = {
  read: (files: readonly File[]) => readonly Persisted[];
  /** Programs that read these files: where one of them is there and none is started, nobody does. */
  by?: readonly string[];
};

/** In the order in which they write at boot: udev when a NIC appears, then what brings the link up, then scripts. */
const READERS: readonly Reader[] = [
  {read: linkFileSettings},
  {read: ruleSettings},
  {read: networkFileSettings, by: ['systemd-networkd']},
  {read: netplanSettings},
  {read: profileSettings, by: ['NetworkManager']},
  {read: ifcfgSettings, by: ['NetworkManager', 'network', 'wicked']},
  {read: stanzaSettings, by: ['networking']},
  {read: scriptSettings},
];

const isRead = ({services}: Services, by: readonly string[] | undefined): boolean => {
  const there = services.filter(({name}) => by?.includes(name));
  return there.length === 0 || there.some(({active, enabled}) => active || enabled !== false);
};

const known = new WeakMap<Services, ReadonlyMap<string, readonly Persisted[]>>();

const persistedBy = (services: Services): ReadonlyMap<string, readonly Persisted[]> => {
  const found = known.get(services);
  if (found) return found;
  const all = READERS.flatMap(({read, by}) => (isRead(services, by) ? read(services.files) : []));
  const byAttribute = Map.groupBy(all, ({attribute}) => attribute);
  known.set(services, byAttribute);
  return byAttribute;
};

/** What a NIC attribute will hold after a reboot by the files of this host; `by` is the file and line that comes last. */
export const bootAttribute = (services: Services, nic: Nic, attribute: string): Boot => {
  if (services.files.length === 0) return {held: 'default'};
  const found = persistedBy(services)
    .get(attribute)
    ?.findLast(({takes}) => takes(nic));
  return found ? {held: {value: found.value}, by: found.at} : {held: 'default'};
};
