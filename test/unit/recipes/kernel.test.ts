import test from 'ava';
import type {Facts} from '../../../engine/facts/facts.ts';
import type {Plan} from '../../../engine/model/setting.ts';
import {exampleFacts} from '../../support/facts.ts';
import {recipeOn} from '../../support/recipe-plans.ts';

const [OLD, NEW] = ['6.1.0-28-amd64', '6.1.0-30-amd64'];
const EXAMPLE = exampleFacts();

const host = (boot: Partial<Facts['boot']>, running = OLD): Facts => ({
  ...EXAMPLE,
  os: {...EXAMPLE.os, id: 'debian', idLike: [], kernel: running},
  boot: {...EXAMPLE.boot, loader: 'grub', ...boot},
  asked: {[`package linux-image-${NEW}`]: 'apt\nlists fresh\nknown 6.1.124-1', 'kernel updates': ''},
});

const planOf = async (facts: Facts, more: Readonly<Record<string, unknown>> = {}): Promise<Plan> =>
  (await recipeOn('kernel', {package: `linux-image-${NEW}`, ...more})).plan(facts);

const pending = (plan: Plan): readonly unknown[] =>
  plan.settings.map(({id, phase, pending: layers, want}) => [phase, id, want, layers.length > 0]);

test('before anything: the default is kept, the package comes, its kernel is pending and not refused', async (t) => {
  const plan = await planOf(host({release: OLD}), {arguments: {isolcpus: '2-3', nr_cpus: 4}});
  t.deepEqual(plan.blocks, []);
  t.deepEqual(pending(plan), [
    ['packages', `package linux-image-${NEW}`, 'present', true],
    ['boot', 'kernel default', NEW, true],
    ['keep', 'kernel updates', 'wait', true],
    ['boot', 'boot isolcpus', '2-3', true],
    ['boot', 'boot nr_cpus', '4', true],
  ]);
});

test('once it runs and is chosen by its name, nothing is left to do', async (t) => {
  const there = host({release: NEW, named: true}, NEW);
  const facts = {
    ...there,
    asked: {...there.asked, [`package linux-image-${NEW}`]: 'apt\nis install installed 6.1.124-1'},
  };
  t.deepEqual(
    (await planOf(facts)).settings.filter(({pending: layers}) => layers.length > 0),
    [],
  );
});

test('what the parameters must say', async (t) => {
  const problem = async (parameters: Readonly<Record<string, unknown>>): Promise<string> => {
    const thrown = await t.throwsAsync(recipeOn('kernel', parameters));
    return JSON.stringify(thrown?.message);
  };
  t.regex(await problem({}), /one of package and files must be given/);
  t.regex(await problem({package: 'linux-image-rt-amd64'}), /release.*is missing: the package’s name does not tell it/);
  t.regex(await problem({package: `linux-image-${NEW}`, kernel: 'x'}), /is no parameter of it/);
  const named = await recipeOn('kernel', {package: 'linux-image-rt-amd64', release: NEW});
  t.true(named.plan(host({release: OLD})).settings.some(({want}) => want === NEW));
});
