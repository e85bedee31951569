import {printable} from '../model/printable.ts';
import type {Block, Setting} from '../model/setting.ts';
import {driftText, type Verified} from './verified.ts';

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\n': '&#10;',
  '\t': '&#9;',
};

// XML 1.0 has no way at all to write these (Char of its grammar), nor halves of surrogate pairs.
const UNWRITABLE = /[\ufffe\uffff]/g;

const escaped = (text: string): string =>
  printable(text)
    .toWellFormed()
    .replaceAll(UNWRITABLE, '\ufffd')
    .replaceAll(/[&<>"\n\t]/g, (character) => ENTITIES[character] ?? '');

const attributes = (values: Readonly<Record<string, string | number>>): string =>
  Object.entries(values)
    .map(([name, value]) => ` ${name}="${escaped(String(value))}"`)
    .join('');

type Case = {kind: 'passed' | 'failure' | 'error' | 'skipped'; text: string};

const caseOf = (host: string, name: string, kind: Case['kind'], inside = ''): Case => {
  const head = `    <testcase${attributes({classname: host, name})}`;
  return {kind, text: inside === '' ? `${head}/>` : `${head}>\n      ${inside}\n    </testcase>`};
};

const settingCase = (host: string, setting: Setting): Case => {
  if (setting.pending.length === 0) return caseOf(host, setting.id, 'passed');
  const failure = attributes({type: setting.pending.join(' and '), message: driftText(setting)});
  const text = escaped(`${setting.why}\nasked for by ${setting.from.at}`);
  return caseOf(host, setting.id, 'failure', `<failure${failure}>${text}</failure>`);
};

const blockCase = (host: string, {id, reason}: Block): Case =>
  caseOf(host, id, 'skipped', `<skipped${attributes({message: reason})}/>`);

const casesOf = (verified: Verified): readonly Case[] => {
  const {host} = verified;
  if ('fault' in verified) {
    const {code, message} = verified.fault;
    return [caseOf(host, 'read the host', 'error', `<error${attributes({type: code, message})}/>`)];
  }
  const {settings, blocks} = verified.plan;
  return [...settings.map((setting) => settingCase(host, setting)), ...blocks.map((block) => blockCase(host, block))];
};

const counts = (cases: readonly Case[]): Readonly<Record<string, number>> => {
  const count = (kind: Case['kind']): number => cases.filter((one) => one.kind === kind).length;
  return {tests: cases.length, failures: count('failure'), errors: count('error'), skipped: count('skipped')};
};

/**
 * JUnit's XML of what `verify` found, as CI systems read it: a suite for each host and a case for each setting, which fails
 * where the value drifted from what is wanted, live or for the next boot. Refusals are skipped cases, hosts that could not
 * be read are errors.
 */
export const reportJunit = (results: readonly Verified[]): string => {
  const suites = results.map((verified) => ({host: verified.host, cases: casesOf(verified)}));
  const all = suites.flatMap(({cases}) => cases);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites${attributes({name: 'linerate verify', ...counts(all)})}>`,
    ...suites.flatMap(({host, cases}) => [
      `  <testsuite${attributes({name: host, ...counts(cases)})}>`,
      ...cases.map(({text}) => text),
      '  </testsuite>',
    ]),
    '</testsuites>',
    '',
  ].join('\n');
};
