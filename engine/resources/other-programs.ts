import type {Facts} from '../facts/facts.ts';
import {sysctlKey} from '../model/sysctl-key.ts';
import {iniSections} from './ini-file.ts';

type File = Facts['services']['files'][number];
type Found = {value: string; by: string};

const willRun = ({services}: Facts, name: string): boolean =>
  services.services.some((service) => service.name === name && (service.enabled ?? service.active));

/** TuneD's files: the active profile's own first, then those that it includes. */
const tunedFiles = (facts: Facts): readonly File[] => {
  const own = `/${facts.services.tunedProfile ?? ''}/tuned.conf`;
  const files = facts.services.files.filter(({kind}) => kind === 'tuned');
  return [...files.filter(({path}) => path.endsWith(own)), ...files.filter(({path}) => !path.endsWith(own))];
};

/** What TuneD's active profile sets at every boot; a value that TuneD computes is not told. */
export const tunedValue = (facts: Facts, section: string, key: string): Found | undefined => {
  if (facts.services.files.length === 0 || !willRun(facts, 'tuned')) return undefined;
  for (const file of tunedFiles(facts)) {
    const found = Object.entries(iniSections(file)[section] ?? {}).find(([name]) => sysctlKey(name) === sysctlKey(key));
    const value = found?.[1].replaceAll(/^"|"$/g, '');
    if (value !== undefined && !value.includes('${')) return {value, by: `TuneD, ${file.path}`};
  }
  return undefined;
};

/** What ufw writes when it starts, which is after sysctl.d was applied. */
export const ufwSysctl = (facts: Facts, key: string): Found | undefined => {
  const file = facts.services.files.find(({kind}) => kind === 'ufw');
  if (!file || !willRun(facts, 'ufw')) return undefined;
  for (const line of file.text.split('\n').toReversed()) {
    const equals = line.indexOf('=');
    if (equals < 0 || sysctlKey(line.slice(0, equals).trim()) !== key) continue;
    return {value: line.slice(equals + 1).trim(), by: file.path};
  }
  return undefined;
};
