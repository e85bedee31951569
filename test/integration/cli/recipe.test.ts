import {mkdirSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import test from 'ava';
import {linerate, temporaryFolder} from '../../support/cli.ts';

const FOLDER = temporaryFolder();

const write = (name: string, text: string): string => {
  const file = path.join(FOLDER, name);
  mkdirSync(path.dirname(file), {recursive: true});
  writeFileSync(file, text);
  return file;
};

const MINE = `import {defineRecipe, file, v, type Facts} from 'linerate';

const kernel = ({os}: Facts): string => os.kernel;

export const recipe = defineRecipe({
  summary: 'Says which kernel it met.',
  parameters: v.strictObject({greeting: v.optional(v.string(), 'hello')}),
  phases: [
    {
      name: 'note',
      desired: ({facts, parameters, render}) => [
        file('/etc/linerate-note', {text: render('note', {greeting: parameters.greeting, kernel: kernel(facts)}), why: 'a note'}),
      ],
    },
    {name: 'limits', desired: () => [{set: 'sysctl vm.swappiness', to: '1', why: 'a server swaps nothing'}]},
  ],
});
`;

write('mine/note.hbs', '{{greeting}} from {{kernel}}\n');
const mine = write('mine/mine.ts', MINE);

test('a recipe outside of linerate’s folder is planned like one of its own, with templates beside it', async (t) => {
  const {status, stdout, stderr} = await linerate(['diff', '-r', './mine.ts', '-p', 'greeting=good day', '-v'], {
    cwd: path.dirname(mine),
  });
  t.is(stderr, '');
  t.is(status, 0);
  t.regex(stdout, /linerate-note\s+absent/);
  t.regex(stdout, /vm\.swappiness/);
  t.regex(stdout, /good day from \d/);
});

test('tags choose phases', async (t) => {
  const {stdout} = await linerate(['diff', '-r', mine, '-t', 'limits']);
  t.notRegex(stdout, /linerate-note/);
  t.regex(stdout, /vm\.swappiness/);
});

test('an inventory names a recipe by a path seen from its file, and its parameters', async (t) => {
  const inventory = write(
    'site/hosts.yml',
    `all:
  hosts:
    here: {ansible_connection: local}
  vars:
    linerate_recipe: ../mine/mine.ts
    linerate_parameters: {greeting: hi}
`,
  );
  const {status, stdout, stderr} = await linerate(['diff', '-v', '-i', inventory]);
  t.is(stderr, '');
  t.is(status, 0);
  t.regex(stdout, /hi from \d/);
});

test('what is wrong with a recipe or its parameters is said in a sentence, with its place', async (t) => {
  const broken = write('broken.ts', 'export const recipe = {;\n');
  const empty = write('empty.ts', 'export const other = 1;\n');
  const throwing = write('throwing.ts', MINE.replace("render('note'", "render('notes'"));
  const cases: readonly (readonly [string[], RegExp])[] = [
    [['-r', 'web-servr'], /there is no recipe web-servr\n.*did you mean "web-server"/],
    [['-r', './none.ts'], /there is no recipe \.\/none\.ts/],
    [['-r', broken], /broken\.ts cannot be loaded: .*Expression expected|broken\.ts cannot be loaded/],
    [['-r', empty], /empty\.ts cannot be loaded: it exports no recipe/],
    [['-r', throwing], /there is no template notes\.hbs beside the recipe/],
    [['-r', mine, '-p', 'greeting=[1]'], /parameter "greeting" must be string, not Array/],
    [['-r', mine, '-p', 'greting=x'], /parameter "greting" is no parameter of it; there are greeting/],
    [['-r', mine, '-p', 'x'], /--parameter x is not of the form name=value/],
    [['-r', mine, '-t', 'note,nots'], /no phase is called nots\n.*the phases are note, limits/],
  ];
  for (const [words, message] of cases) {
    const {status, stderr} = await linerate(['diff', ...words], {cwd: FOLDER});
    t.is(status, 1, stderr);
    t.regex(stderr, message);
    t.notRegex(stderr, /bug of linerate/);
  }
});

test('recipes are listed with their phases and parameters', async (t) => {
  const all = await linerate(['recipes']);
  t.is(all.status, 0, all.stderr);
  for (const name of ['app-server', 'proxy', 'tune', 'web-server']) t.regex(all.stdout, new RegExp(`^${name}  `, 'm'));
  const one = await linerate(['recipes', mine]);
  t.regex(one.stdout, /^mine {2}Says which kernel it met\.\n {4}phases: note, limits\n {4}greeting {2}.*"hello"/m);
});

const REFUSED = `import {defineRecipe, v} from 'linerate';
export const recipe = defineRecipe({
  summary: 'Asks for what no host has.',
  parameters: v.strictObject({}),
  phases: [{name: 'key', desired: () => [{set: 'sysctl vm.no_such_key', to: '1', why: 'an example'}]}],
});
`;

test('an apply of a recipe whose wish is refused says so and ends as refused', async (t) => {
  const {status, stdout, stderr} = await linerate(['apply', '--yes', '-r', write('refused.ts', REFUSED)]);
  t.is(status, 8, stdout + stderr);
  t.regex(stdout, /refused {3}sysctl vm\/no_such_key: this host does not have it/);
  t.regex(stdout, /localhost +: .*changed=0 +refused=1/);
});
