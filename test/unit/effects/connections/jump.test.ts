import {mkdir, mkdtemp, rm, writeFile} from 'node:fs/promises';
import {homedir, tmpdir} from 'node:os';
import path from 'node:path';
import test from 'ava';
import {configFiles, mayProxy, resolvedJump} from '../../../../engine/effects/connections/jump.ts';

let folder: string;

test.before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'linerate-jump-'));
  await mkdir(path.join(folder, 'conf.d'));
  const files = {
    plain: 'Host *\n  User ops\n',
    jump: 'Host web*\n  proxyjump bastion\n',
    command: 'Host db*\n\tProxyCommand=nc %h %p\n',
    comment: '# ProxyJump bastion\nHost *\n',
    'conf.d/10-more.conf': 'Host *\n  ProxyJump bastion\n',
    'conf.d/readme.txt': 'no configuration',
    includes: `Include "${folder}/jump"\n`,
    relative: 'Include conf.d/*.conf\n',
    empty: 'Include conf.d/*.none missing\nHost *\n',
    clever: 'Include */more.conf\n',
    itself: `Include ${folder}/itself\n`,
  };
  for (const [name, text] of Object.entries(files)) await writeFile(path.join(folder, name), text);
});

test.after.always(async () => rm(folder, {recursive: true, force: true}));

const SPEAKS_OF_PROXIES: Record<string, boolean> = {
  plain: false,
  jump: true,
  command: true,
  comment: false,
  includes: true,
  relative: true,
  empty: false,
  missing: false,
  // What is not understood is asked of ssh itself.
  clever: true,
  itself: true,
};

for (const [name, expected] of Object.entries(SPEAKS_OF_PROXIES))
  test(`an ssh_config ${expected ? 'that may' : 'that does not'} lead by way of another host: ${name}`, async (t) => {
    t.is(await mayProxy([path.join(folder, name)]), expected);
  });

test('the files that ssh reads', (t) => {
  t.deepEqual(configFiles(['-o', 'User=x']), [path.join(homedir(), '.ssh/config'), '/etc/ssh/ssh_config']);
  t.deepEqual(configFiles(['-F', '/a/b']), ['/a/b']);
  t.deepEqual(configFiles(['-F/a/b']), ['/a/b']);
  t.deepEqual(configFiles(['-F', '~/b']), [path.join(homedir(), 'b')]);
});

test('the way to a host, by the account of ssh', async (t) => {
  const target = (address: string, name: string) =>
    ({via: 'ssh', name: 'x', address, arguments: ['-F', path.join(folder, name)], connectTimeoutSeconds: 1}) as const;
  t.is(await resolvedJump(target('web1', 'jump')), 'bastion');
  t.is(await resolvedJump(target('db1', 'jump')), undefined);
  t.is(await resolvedJump(target('db1', 'command')), 'nc %h %p');
  const none = target('web1', 'jump');
  t.is(await resolvedJump({...none, arguments: ['-o', 'ProxyJump=none', ...none.arguments]}), undefined);
});
