import {sysctlKey} from '../model/sysctl-key.ts';
import {kindOf, KINDS} from '../resources/kinds.ts';
import {splitId} from '../resources/lookup.ts';
import {nearestName} from './nearest.ts';
import {canonicalAddress, isNicAddress, RULE_WORDS} from './sheet-address.ts';

/** What an inventory's address means: a setting of the host, of every NIC, or of one NIC. */
export type Address =
  | {scope: 'host'; id: string}
  | {scope: 'each-nic'; kind: 'nic' | 'rule'; attribute: string}
  | {scope: 'nic'; nic: string; kind: 'nic' | 'rule'; attribute: string}
  /** An exact setting of one NIC: `irq ens1f0 rx-3`, `queue …`, `rss …`. */
  | {scope: 'nic-setting'; nic: string; id: string};

const ofOneNic = (words: readonly string[]): Address | undefined => {
  const [kind = '', nic = '', ...rest] = words;
  const attribute = rest.join(' ');
  if ((kind === 'nic' || kind === 'rule') && canonicalAddress(`${kind} ${attribute}`) !== undefined) {
    return {scope: 'nic', nic, kind, attribute};
  }
  const id = words.join(' ');
  const found = ['irq', 'queue', 'rss'].includes(kind) ? kindOf(kind) : undefined;
  return found?.knows(splitId(id).rest) ? {scope: 'nic-setting', nic, id} : undefined;
};

const general = (address: string): Address => {
  if (!isNicAddress(address)) return {scope: 'host', id: address};
  const {kind, rest} = splitId(address);
  return {scope: 'each-nic', kind: kind === 'rule' ? 'rule' : 'nic', attribute: rest};
};

/** Reads an address as an inventory or a command line may write it; undefined when it is of no known form. */
export const parseAddress = (text: string): Address | undefined => {
  const canonical = canonicalAddress(text);
  if (canonical !== undefined) return general(canonical);
  const words = text.trim().split(/\s+/);
  const [kind = '', ...rest] = words;
  const one = ofOneNic(words);
  if (one) return one;
  const known = ['nic', 'rule', 'irq', 'queue', 'rss'].includes(kind) ? undefined : kindOf(kind);
  const spelled = kind === 'sysctl' ? rest.map(sysctlKey).join(' ') : rest.join(' ');
  return known?.knows(spelled) ? {scope: 'host', id: `${kind} ${spelled}`} : undefined;
};

/** What to write instead of an address that is of no known form. */
export const addressHint = (text: string): string => {
  const [word = ''] = text.trim().split(/\s+/);
  const kind = kindOf(word);
  if (kind) return `the form is: ${word} ${kind.form}`;
  if (word === 'rule') return `the rules are ${Object.keys(RULE_WORDS).join(', ')}`;
  if (/^[a-z]+(?:[./]\w+)+$/.test(word)) return `for a kernel parameter write: sysctl ${word}`;
  const names = [...KINDS.map((one) => one.kind), 'rule'];
  const near = nearestName(word, names);
  return near === undefined ? `an address starts with one of ${names.join(', ')}` : `did you mean "${near}"?`;
};

const attributeProblem = (attribute: string, want: string): string | undefined =>
  attribute.startsWith('bql.')
    ? /^(?:\d+|max)$/.test(want)
      ? undefined
      : 'is no number'
    : kindOf('nic')?.problem?.(`x ${attribute}`, want);

const ruleProblem = (rule: string, want: string): string | undefined => {
  const allowed = RULE_WORDS[`rule ${rule}`] ?? [];
  if (allowed.includes(want) || (rule === 'rfs' && /^\d+$/.test(want))) return undefined;
  return `is none of ${allowed.join(', ')}`;
};

/** Why a value can never be one of this address: undefined when it can. */
export const valueProblem = (address: Address, want: string): string | undefined => {
  if (address.scope === 'host' || address.scope === 'nic-setting') {
    const {kind, rest} = splitId(address.id);
    return kindOf(kind)?.problem?.(rest, want);
  }
  return address.kind === 'rule' ? ruleProblem(address.attribute, want) : attributeProblem(address.attribute, want);
};
