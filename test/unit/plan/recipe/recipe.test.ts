import test from 'ava';
import * as v from 'valibot';
import type {Plan} from '../../../../engine/model/setting.ts';
import {planHost} from '../../../../engine/plan/plan.ts';
import {parameterRows} from '../../../../engine/plan/recipe/parameter-rows.ts';
import {described} from '../../../../engine/plan/recipe/parameters.ts';
import {phasePlan} from '../../../../engine/plan/recipe/phases.ts';
import {defineRecipe, type Desired, type RecipeHost} from '../../../../engine/plan/recipe/recipe.ts';
import {askedByWishes, askScripts, type PhaseWishes} from '../../../../engine/plan/recipe/wishes.ts';
import {parsePlanVariables} from '../../../../engine/plan/variables.ts';
import {exampleFacts} from '../../../support/facts.ts';
import {exampleSheets} from '../../../support/sheets.ts';

const SHEETS = exampleSheets({
  workload: [{set: 'sysctl net/core/somaxconn', to: '4096'}],
  workloads: {latency: [{set: 'sysctl net/core/somaxconn', to: '1024'}]},
});

const phase = (name: string, desired: readonly Desired[]): PhaseWishes => ({
  phase: name,
  at: `recipe r, phase ${name}`,
  desired,
});

const planOf = (wishes: readonly PhaseWishes[], variables: Record<string, unknown> = {}): Plan =>
  planHost(
    'h',
    exampleFacts(),
    SHEETS,
    parsePlanVariables(variables, () => 'group_vars/all.yml:1'),
    wishes,
  );

const wants = (plan: Plan): Record<string, string> => Object.fromEntries(plan.settings.map(({id, want}) => [id, want]));

const SWAP = {set: 'sysctl vm.swappiness', to: '1', why: 'a server swaps nothing'};

test('a recipe outranks sheets, and the inventory a recipe', (t) => {
  const wishes = [phase('a', [{set: 'sysctl net.core.somaxconn', to: '8192', why: 'so'}]), phase('b', [{tuning: {}}])];
  t.is(wants(planOf(wishes))['sysctl net/core/somaxconn'], '8192');
  const asked = {linerate_settings: {'sysctl net.core.somaxconn': '16384'}};
  t.is(wants(planOf(wishes, asked))['sysctl net/core/somaxconn'], '16384');
});

test('settings belong to the phase that wishes for them, those of sheets to the one that tunes', (t) => {
  const plan = planOf([phase('first', [SWAP]), phase('then', [{tuning: {}}])]);
  t.deepEqual(wants(phasePlan(plan, 'first')), {'sysctl vm/swappiness': '1'});
  t.deepEqual(wants(phasePlan(plan, 'then')), {'sysctl net/core/somaxconn': '4096'});
  t.is(plan.settings.find(({id}) => id === 'sysctl vm/swappiness')?.from.at, 'recipe r, phase first');
});

test('the inventory chooses the workload before the recipe does', (t) => {
  const wishes = [phase('tuning', [{tuning: {workload: 'latency'}}])];
  t.is(planOf(wishes).workload, 'latency');
  t.is(planOf(wishes, {linerate_workload: 'balanced'}).workload, 'balanced');
  t.throws(() => planOf([phase('tuning', [{tuning: {workload: 'latencies'}}])]), {message: /no workload "latencies"/});
});

test('a recipe that tunes nothing plans its wishes alone, and says that settings of the inventory are not used', (t) => {
  const plan = planOf([phase('a', [SWAP])], {linerate_settings: {'sysctl vm.swappiness': '10'}});
  t.deepEqual(wants(plan), {'sysctl vm/swappiness': '1'});
  t.deepEqual(
    plan.findings.map(({code}) => code),
    ['settings-unused'],
  );
});

test('a wish that is no address, no value, or asks for two things at once names its phase', (t) => {
  const at = 'recipe r, phase a';
  const fails = (wish: Desired): unknown => t.throws(() => planOf([phase('a', [wish])]));
  t.like(fails({set: 'net.core.somaxconn', to: '1', why: ''}), {
    code: 'recipe',
    at,
    hint: 'for a kernel parameter write: sysctl net.core.somaxconn',
  });
  t.like(fails({set: 'service x', to: 'perhaps', why: ''}), {code: 'recipe', at});
  t.like(fails({set: 'sysctl vm.swappiness', why: ''}), {code: 'recipe', at});
  t.like(fails({set: 'sysctl vm.swappiness', to: '1', atLeast: '2', why: ''}), {code: 'recipe', at});
});

test('what a recipe asks for and the host does not have is refused, with the phase that asked', (t) => {
  const plan = planOf([phase('a', [{set: 'sysctl vm.no_such_key', to: '1', why: ''}])]);
  t.deepEqual(plan.settings, []);
  t.deepEqual(
    plan.blocks.map(({id, hint}) => [id, hint]),
    [['sysctl vm/no_such_key', 'asked for by recipe r, phase a']],
  );
});

test('keys that no sheet knows are read, each once, in whatever spelling', (t) => {
  const asked = askedByWishes([
    SWAP,
    {...SWAP, set: 'sysctl vm/swappiness'},
    {tuning: {}},
    {set: 'nic ring.rx', to: '1', why: ''},
  ]);
  t.deepEqual(askScripts(asked), ['g /proc/sys vm/swappiness']);
});

const EXAMPLE = defineRecipe({
  summary: 'An example.',
  parameters: v.strictObject({
    size: described(v.number(), 'how many'),
    tls: described(v.optional(v.strictObject({port: v.number()})), 'where'),
    name: described(v.optional(v.string(), 'x'), 'what it is called'),
  }),
  phases: [
    {
      name: 'one',
      desired: ({parameters}) => [{set: 'sysctl vm.swappiness', to: String(parameters.size), why: parameters.name}],
    },
    {name: 'two', reboot: true, desired: () => []},
  ],
});

const HOST: Omit<RecipeHost<unknown>, 'parameters'> = {
  name: 'h',
  facts: exampleFacts(),
  render: (template) => template,
};

test('phases get the parameters that the schema made of what was given', (t) => {
  const bound = EXAMPLE.bind({size: 3});
  if (!('bound' in bound)) throw new Error('it was to be bound');
  t.deepEqual(
    bound.bound.phases.map(({name, reboot}) => [name, reboot]),
    [
      ['one', false],
      ['two', true],
    ],
  );
  t.deepEqual(bound.bound.phases[0]?.desired(HOST), [{set: 'sysctl vm.swappiness', to: '3', why: 'x'}]);
});

test('everything that is wrong with parameters is told at once, by name', (t) => {
  const bound = EXAMPLE.bind({tls: {port: '443', host: 'x'}, nmae: 'y'});
  t.deepEqual('problems' in bound ? bound.problems.map(({name, problem}) => `${name}: ${problem}`).sort() : [], [
    'nmae: is no parameter of it; there are size, tls, name',
    'size: is missing',
    'tls.host: is no parameter of it',
    'tls.port: must be number, not "443"',
  ]);
});

test('parameters can be listed with what they are for', (t) => {
  t.deepEqual(parameterRows(EXAMPLE), [
    {name: 'size', description: 'how many', required: true},
    {name: 'tls', description: 'where', required: false},
    {name: 'name', description: 'what it is called', required: false, default: '"x"'},
  ]);
});
