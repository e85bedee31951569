import {readdirSync} from 'node:fs';
import path from 'node:path';
import test from 'ava';
import * as v from 'valibot';
import type {Inventory} from '../../../engine/inventory/inventory.ts';
import {formatListing, graphInventory, hostVariables, listInventory} from '../../../engine/inventory/listing.ts';
import {selectHosts} from '../../../engine/inventory/patterns.ts';
import {Fault} from '../../../engine/model/fault.ts';
import {askAnsible, type OracleAnswer, type OracleCall} from '../../support/ansible-oracle.ts';
import {INVENTORIES, readFixture, VAULT_IDS} from '../../support/inventories.ts';

type Case = {sources: readonly string[]; extra: readonly string[]; directory: string};

const LISTING = v.looseObject({_meta: v.object({hostvars: v.record(v.string(), v.unknown())})});

const NOWHERE = path.join(INVENTORIES, '../vault-passwords');

const single = readdirSync(INVENTORIES)
  .toSorted()
  .map((name): Case => ({sources: [name], extra: [], directory: NOWHERE}));

/** Several sources, host lists, `-e`, and variables beside a playbook. */
const combined: readonly Case[] = [
  {sources: ['../../../inventories/fleet'], extra: [], directory: NOWHERE},
  {sources: ['../../../inventories/small.ini'], extra: [], directory: NOWHERE},
  {sources: ['31-precedence', '05-priority.ini'], extra: [], directory: NOWHERE},
  {sources: ['05-priority.ini', '31-precedence'], extra: [], directory: NOWHERE},
  {sources: ['31-precedence/hosts', '31-precedence'], extra: [], directory: NOWHERE},
  {sources: ['32-same-depth', '31-precedence', '42-patterns.yml'], extra: [], directory: NOWHERE},
  {sources: ['h1,h2:22,2001:db8::1,[::1]:2022'], extra: [], directory: NOWHERE},
  {sources: ['h1,', '01-plain.ini', 'h1:22,new'], extra: [], directory: NOWHERE},
  {sources: ['01-plain.ini'], extra: [], directory: path.join(INVENTORIES, '31-precedence')},
  {sources: ['31-precedence/hosts'], extra: [], directory: path.join(INVENTORIES, '30-directory')},
  {sources: ['38-deep.yml'], extra: ['v=extra n=5 s="two words" q=\'x\'', '{"v5": {"a": [1]}}'], directory: NOWHERE},
  {sources: ['38-deep.yml'], extra: ['{v: yes, t: 22:22}', 'a=b=c tab=x\\ty j={{ v }}'], directory: NOWHERE},
  {
    sources: ['38-deep.yml'],
    extra: [`@${path.join(INVENTORIES, '31-precedence/group_vars/all.yml')}`],
    directory: NOWHERE,
  },
];

const cases = [...single, ...combined];

const PATTERNS: readonly (readonly [inventory: string, patterns: readonly string[]])[] = [
  [
    '42-patterns.yml',
    String.raw`all * web db prod ungrouped web1 web,db web:db prod:&dc1 prod:!dc1 web:&dc1:!db !web &web !db1 &dc1,!web1
      web,!web web* *1 web? web[12] web[!1]* db* ~web\d+$ ~(web|db)1 ~.*example ~(?i)WEB1 web[0] web[-1] web[0:1] web[1:]
      web[2:9] web[0:0] web[1-2] web[9] web[-9] dc1[0] web[1],db[0] !web[0] &web[0:1] web3.example.com web3* 2001:db8::1
      2001:db8::* web,2001:db8::1 192.0.2.1 192.0.2.* nosuch web,nosuch nosuch* localhost 127.0.0.1 ::1 lone lone,web1,lone
      web: web-extra a* all:!prod all,!all !all *,!*1 web[1:2],&dc1 ~web[12] prod[0] [w]eb1 web1:22 !!web1 all[0]`
      .split(/\s+/)
      .concat([' web , db ', 'web, ,db']),
  ],
  ['07-ipv6-and-ports.ini', 'localhost ::1 2001:db8::1 2001:db8::[1:3] v6 v6[0] 192.0.2.[5:7] v4:&192*'.split(' ')],
  ['02-ranges.ini', 'node* node[1:2] nodes[0:5] nodes[-1] rack?-slot08 padded[0] ~node[13]$'.split(' ')],
  ['20-scripts-meta.sh', 'web list parent oldhost web:&list implied implied[0]'.split(' ')],
];

const listingCalls = (one: Case): readonly OracleCall[] => {
  const common = [
    ...one.sources.flatMap((name) => ['-i', name.includes(',') ? name : path.join(INVENTORIES, name)]),
    ...VAULT_IDS.flatMap((id) => ['--vault-id', id]),
    ...one.extra.flatMap((text) => ['-e', text]),
  ];
  return ['--list', '--graph'].map((action) => ({
    program: 'ansible-inventory',
    arguments: [...common, action],
    directory: one.directory,
  }));
};

const patternCall = (inventory: string, pattern: string): OracleCall => ({
  program: 'ansible',
  arguments: ['-i', path.join(INVENTORIES, inventory), '--list-hosts', '--', pattern],
  directory: NOWHERE,
});

const patternCases = PATTERNS.flatMap(([inventory, patterns]) => patterns.map((pattern) => ({inventory, pattern})));

const answers = askAnsible([
  ...cases.flatMap(listingCalls),
  ...patternCases.map(({inventory, pattern}) => patternCall(inventory, pattern)),
]);
// Each test that awaits it tells of a failure; without this, the first one would be an unhandled rejection.
answers.catch(() => undefined);

const answerAt = async (index: number): Promise<OracleAnswer> => {
  const answer = (await answers)[index];
  if (answer === undefined) throw new Error(`the oracle gave no answer ${String(index)}`);
  return answer;
};

const titleOf = ({sources, extra, directory}: Case): string =>
  [
    ...sources,
    ...extra.map((text) => path.basename(text)),
    directory === NOWHERE ? '' : `in ${path.basename(directory)}`,
  ]
    .join(' ')
    .trim();

const asJson = (value: unknown): unknown => JSON.parse(formatListing(value));

for (const [index, one] of cases.entries()) {
  test(`says what ansible-inventory says: ${titleOf(one)}`, async (t) => {
    const inventory = await readFixture(one.sources, {extraVariables: one.extra, directory: one.directory});
    const list = await answerAt(2 * index);
    t.is(list.status, 0, list.stderr);
    const expected = v.parse(LISTING, JSON.parse(list.stdout.slice(list.stdout.indexOf('{'))));
    t.deepEqual(asJson(listInventory(inventory)), expected);
    t.is(`${graphInventory(inventory)}\n`, (await answerAt(2 * index + 1)).stdout);
    for (const [host, variables] of Object.entries(expected._meta.hostvars)) {
      t.deepEqual(asJson(hostVariables(inventory, host)), variables);
    }
  });
}

const select = (inventory: Inventory, pattern: string): readonly string[] | string => {
  try {
    return selectHosts(inventory, [pattern]).hosts;
  } catch (error) {
    if (error instanceof Fault) return error.message;
    throw error;
  }
};

const listedHosts = (answer: OracleAnswer): readonly string[] =>
  answer.stdout
    .split('\n')
    .slice(1)
    .map((line) => line.trim())
    .filter((line) => line !== '');

for (const [index, {inventory, pattern}] of patternCases.entries()) {
  test(`selects what ansible selects: ${inventory} ${pattern}`, async (t) => {
    const answer = await answerAt(2 * cases.length + index);
    const ours = select(await readFixture([inventory]), pattern);
    // Ansible lists nothing, with an error or without, for a pattern that we refuse.
    t.deepEqual(typeof ours === 'string' ? [] : ours, answer.status === 0 ? listedHosts(answer) : [], String(ours));
  });
}
