import {spawnSync} from 'node:child_process';
import {existsSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import test from 'ava';
import {ROOT, temporaryFolder} from '../../support/cli.ts';

/** The system's own programs only, so that nothing of this checkout's node_modules is found by chance. */
const SYSTEM_PATH = (process.env['PATH'] ?? '')
  .split(':')
  .filter((folder) => !folder.includes('node_modules'))
  .join(':');

const run = (command: string, words: readonly string[], cwd: string): string => {
  const ran = spawnSync(command, [...words], {
    cwd,
    encoding: 'utf8',
    env: {PATH: SYSTEM_PATH, HOME: process.env['HOME'] ?? '/root'},
  });
  if (ran.status !== 0) throw new Error(`${command} ${words.join(' ')}: ${ran.stdout}${ran.stderr}`);
  return ran.stdout;
};

const MINE = `import {defineRecipe, v, type Facts} from 'linerate';
const percent = ({numa}: Facts): number => (numa.nodes.length > 1 ? 80 : 73);
export const recipe = defineRecipe({
  summary: 'Overcommits a little more.',
  parameters: v.strictObject({}),
  phases: [
    {
      name: 'memory',
      desired: ({facts}) => [{set: 'sysctl vm.overcommit_ratio', to: String(percent(facts)), why: 'an example'}],
    },
  ],
});
`;

test('the packed package works where it is installed', (t) => {
  const folder = temporaryFolder();
  const elsewhere = path.join(folder, 'elsewhere');
  mkdirSync(elsewhere);
  run('npm', ['pack', '--silent', '--pack-destination', folder], ROOT);
  const {version} = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as {version: string};
  run('npm', ['install', '--no-save', '--no-audit', '--no-fund', `${folder}/linerate-${version}.tgz`], elsewhere);
  t.is(run('npx', ['linerate', '--version'], elsewhere), `${version}\n`);
  t.regex(run('npx', ['linerate', 'diff'], elsewhere), /^localhost {2}balanced /);
  t.regex(run('npx', ['linerate', 'explain', 'sysctl', 'net.core.somaxconn'], elsewhere), /accept queue/);
  t.regex(run('npx', ['linerate', 'recipes', 'tune'], elsewhere), /^tune {2}/);
  writeFileSync(path.join(elsewhere, 'mine.ts'), MINE);
  t.regex(run('npx', ['linerate', 'diff', '-r', './mine.ts'], elsewhere), /vm\.overcommit_ratio/);
  const strict = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2024', '--types', ''];
  t.is(run(path.join(ROOT, 'node_modules/.bin/tsc'), [...strict, 'mine.ts'], elsewhere), '');
  const installed = path.join(elsewhere, 'node_modules/linerate');
  t.true(existsSync(path.join(installed, 'templates/workloads/balanced.yaml.hbs')));
  t.false(existsSync(path.join(installed, 'engine')), 'Node runs no TypeScript below node_modules');
  t.false(existsSync(path.join(installed, 'test')));
});

test('the launcher is sound for every POSIX shell', (t) => {
  const checked = spawnSync('shellcheck', ['linerate', 'test/support/lab.sh'], {cwd: ROOT, encoding: 'utf8'});
  t.is(checked.stdout, '');
  t.is(checked.status, 0);
});
