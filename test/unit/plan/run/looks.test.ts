import {spawnSync} from 'node:child_process';
import test from 'ava';
import {shellJoin} from '../../../../engine/model/shell.ts';
import {ALL_LOOKS, LOOKS} from '../../../../engine/plan/run/record.ts';
import {SHELLS} from '../../../support/sandbox.ts';
import {temporaryFolder} from '../../../support/cli.ts';

const MAKE = String.raw`
printf one >plain && chmod 640 plain
printf two >"it's a \\ \"name\"" && printf '' >empty && chmod 755 empty
ln -s plain link && ln -s nowhere dangling && mkdir folder
`;

const NAMES = ['gone', 'plain', String.raw`it's a \ "name"`, 'link', 'empty', 'dangling', 'folder', 'plain'];

for (const shell of SHELLS)
  test(`${shell} tells of all files together what it tells of each`, (t) => {
    const D = temporaryFolder();
    const [command = '', ...words] = shell.split(' ');
    const each = NAMES.map((name, place) => `printf '%s ' ${String(place)}; ${shellJoin(['looks', name])}\n`);
    const script = `set -e\ncd "$D"\n${MAKE}\n${LOOKS}${ALL_LOOKS}\n${each.join('')}\necho\n${shellJoin(['all_looks', ...NAMES])}\n`;
    const {stdout, stderr} = spawnSync(command, [...words, '-c', script], {encoding: 'utf8', env: {...process.env, D}});
    t.is(stderr, '');
    const [one = '', all = ''] = stdout.split('\n\n').map((text) => text.trim().split('\n').sort().join('\n'));
    t.is(all, one);
    t.regex(one, /^1 file 7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed 640 0 0$/m);
    t.regex(one, /^3 link plain$/m);
  });

test('a file that goes away meanwhile is no success', (t) => {
  const D = temporaryFolder();
  const script = `cd "$D"\n: >file\n${LOOKS}${ALL_LOOKS}\nstat() { return 1; }\nall_looks file && echo told`;
  t.is(spawnSync('sh', ['-c', script], {encoding: 'utf8', env: {...process.env, D}}).stdout, '');
});
