import {globPattern} from '../../facts/glob.ts';
import {directoriesOf} from '../../facts/merged-files.ts';
import type {Nic} from '../../facts/nic.ts';
import {type File, type Persisted, inOrder, spoken} from './persisted.ts';
import {SYSFS_FILES, type ToolSetting, commandSettings, sysfsAttribute} from './tool-words.ts';

const CONDITION = /(KERNEL|NAME|DRIVERS?|ATTRS?\{address\}|ENV\{INTERFACE\}|ENV\{ID_NET_DRIVER\})(==|!=)"([^"]*)"/g;

const valueFor = (key: string, nic: Nic): string => {
  if (key.startsWith('DRIVER') || key.includes('ID_NET_DRIVER')) return nic.driver;
  return key.startsWith('ATTR') ? nic.mac : nic.name;
};

/** `ens*|eth0`: alternatives of a udev match. */
const matches = (globs: string, value: string): boolean =>
  globs.split('|').some((glob) => globPattern(glob.toLowerCase()).test(value.toLowerCase()));

/** Whether a rule's conditions are met by a NIC, as far as facts tell of them; others are taken for met. */
const meets = (line: string, nic: Nic): boolean =>
  !/SUBSYSTEM=="(?!net")/.test(line) &&
  [...line.matchAll(CONDITION)].every(
    ([, key = '', operator, globs = '']) => matches(globs, valueFor(key, nic)) === (operator === '=='),
  );

const ATTRIBUTE = new RegExp(String.raw`ATTR\{(${SYSFS_FILES})\}\+?="([^"$%]*)"`, 'g');
// udev(7): each of them is the name of the interface that the rule runs for.
const ITSELF = /^(?:\$name|\$kernel|%k|\$env\{INTERFACE\}|%E\{INTERFACE\})$/;

const settingsOf = (line: string): readonly ToolSetting[] => [
  ...[...line.matchAll(ATTRIBUTE)].map(([, file = '', value = '']) => ({
    nic: '%k',
    attribute: sysfsAttribute(file),
    value,
  })),
  ...commandSettings(line),
];

/** What udev's rules write and run when a NIC appears. */
export const ruleSettings = (files: readonly File[]): readonly Persisted[] =>
  inOrder(files, directoriesOf('udev/rules.d')).flatMap(({path, text}) =>
    text.split('\n').flatMap((line, index) =>
      settingsOf(line).map(({nic: word, attribute, value}) => ({
        attribute,
        value: spoken(attribute, value),
        at: `${path}:${String(index + 1)}`,
        takes: (nic: Nic) => meets(line, nic) && (ITSELF.test(word) || nic.name === word),
      })),
    ),
  );
