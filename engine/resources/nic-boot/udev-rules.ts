import {globPattern} from '../../facts/glob.ts';
import type {Nic} from '../../facts/nic.ts';
import {type File, type Persisted, spoken} from './persisted.ts';
import {type ToolSetting, commandSettings} from './tool-words.ts';

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

const FILES: Readonly<Record<string, string>> = {tx_queue_len: 'txqueuelen'};
const ATTRIBUTE = /ATTR\{(mtu|tx_queue_len|gro_flush_timeout|napi_defer_hard_irqs|threaded)\}\+?="([^"$%]*)"/g;
// udev(7): each of them is the name of the interface that the rule runs for.
const ITSELF = /^(?:\$name|\$kernel|%k|\$env\{INTERFACE\}|%E\{INTERFACE\})$/;

const settingsOf = (line: string): readonly ToolSetting[] => [
  ...[...line.matchAll(ATTRIBUTE)].map(([, file = '', value = '']) => ({
    nic: '%k',
    attribute: FILES[file] ?? file,
    value,
  })),
  ...commandSettings(line),
];

/** What udev's rules write and run when a NIC appears. */
export const ruleSettings = (files: readonly File[]): readonly Persisted[] =>
  files
    .filter(({kind}) => kind === 'udev')
    .flatMap(({path, text}) =>
      text.split('\n').flatMap((line, index) =>
        settingsOf(line).map(({nic: word, attribute, value}) => ({
          attribute,
          value: spoken(attribute, value),
          at: `${path}:${String(index + 1)}`,
          takes: (nic: Nic) => meets(line, nic) && (ITSELF.test(word) || nic.name === word),
        })),
      ),
    );
