import {chmod, mkdir, mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import test from 'ava';
import * as v from 'valibot';
import {readAnsibleConfiguration} from '../../../engine/effects/inventory/ansible-cfg.ts';
import {Fault, Faults} from '../../../engine/model/fault.ts';

type Layout = Readonly<Record<string, string>>;
type Environment = Readonly<Record<string, string>>;

/** Lays files out in a folder of its own and reads the configuration with that folder as home's and the project's parent. */
const read = async (layout: Layout, environment: Environment = {}, mode = 0o755): Promise<object> => {
  const root = await mkdtemp(path.join(tmpdir(), 'linerate-cfg-'));
  try {
    for (const folder of ['project', 'home', 'other']) await mkdir(path.join(root, folder));
    for (const [name, text] of Object.entries(layout)) await writeFile(path.join(root, name), text);
    await chmod(path.join(root, 'project'), mode);
    const rooted = Object.fromEntries(
      Object.entries(environment).map(([key, value]) => [key, value.replace('@', root)]),
    );
    const found = await readAnsibleConfiguration({
      environment: {HOME: path.join(root, 'home'), ...rooted},
      directory: path.join(root, 'project'),
      system: path.join(root, 'system.cfg'),
    });
    return v.parse(v.looseObject({}), JSON.parse(JSON.stringify(found).replaceAll(root, '@')));
  } finally {
    await rm(root, {recursive: true, force: true});
  }
};

const forks = (count: number): string => `[defaults]\nforks = ${String(count)}\n`;

const ALL = {
  'other/named.cfg': forks(1),
  'project/ansible.cfg': forks(2),
  'home/.ansible.cfg': forks(3),
  'system.cfg': forks(4),
};

test('the first file of the four places counts', async (t) => {
  t.like(await read(ALL, {ANSIBLE_CONFIG: '@/other/named.cfg'}), {forks: 1, file: '@/other/named.cfg'});
  t.like(await read(ALL), {forks: 2, file: '@/project/ansible.cfg', warnings: []});
  const {'project/ansible.cfg': _project, ...withoutProject} = ALL;
  t.like(await read(withoutProject), {forks: 3});
  t.like(await read({'system.cfg': forks(4)}), {forks: 4});
  t.deepEqual(await read({}), {warnings: []});
});

test('ANSIBLE_CONFIG may be a folder, and is passed over when nothing is there', async (t) => {
  t.like(await read({...ALL, 'other/ansible.cfg': forks(9)}, {ANSIBLE_CONFIG: '@/other'}), {forks: 9});
  t.like(await read(ALL, {ANSIBLE_CONFIG: '@/nowhere.cfg'}), {forks: 2});
});

test('a file in a folder that everybody may write to is passed over, with a warning', async (t) => {
  const found = await read(ALL, {}, 0o777);
  const message = '@/project/ansible.cfg is passed over: everybody may write to its folder';
  t.deepEqual(found, {file: '@/home/.ansible.cfg', forks: 3, warnings: [{message, at: '@/project/ansible.cfg'}]});
});

test('every key, with comments, continuation lines and paths', async (t) => {
  const text = `
# a comment
; another
[defaults]
inventory = hosts.ini, ~/fleet ,$SITE/inv,/etc/hosts.yml
forks=50 ; inline
remote_user: root
remote_port = 2222
private_key_file = keys/id
timeout = 30
HOST_KEY_CHECKING = False
vault_password_file = ~/.vault # not a comment
unknown_key = x
[privilege_escalation]
become = yes
become_method = sudo
become_user = admin
become_ask_pass = off
[ssh_connection]
ssh_args = -o ProxyJump=bastion
  -o "User Known=x y"
ssh_common_args = -4
ssh_extra_args =
`;
  t.deepEqual(await read({'project/ansible.cfg': text}, {SITE: '/site'}), {
    file: '@/project/ansible.cfg',
    warnings: [],
    inventory: ['@/project/hosts.ini', '@/home/fleet', '/site/inv', '/etc/hosts.yml'],
    forks: 50,
    remoteUser: 'root',
    remotePort: 2222,
    privateKeyFile: '@/project/keys/id',
    timeout: 30,
    hostKeyChecking: false,
    vaultPasswordFile: '@/home/.vault # not a comment',
    become: true,
    becomeMethod: 'sudo',
    becomeUser: 'admin',
    becomeAskPass: false,
    sshArgs: ['-o', 'ProxyJump=bastion', '-o', 'User Known=x y'],
    sshCommonArgs: ['-4'],
    sshExtraArgs: [],
  });
});

test('everything that is wrong is told at once, each with its line', async (t) => {
  const text =
    'early = 1\n[defaults]\nforks = many\nnonsense\nhost_key_checking = perhaps\ntimeout = 0\n[ssh_connection]\nssh_args = "open\n';
  const thrown = await t.throwsAsync(read({'project/ansible.cfg': text}), {instanceOf: Faults});
  t.deepEqual(
    thrown.errors.map(({at, message}) => [(at ?? '').replace(/.*:/, ''), message]),
    [
      ['1', 'expected [section] or key = value'],
      ['4', 'expected [section] or key = value'],
      ['3', 'forks must be a whole number above 0 and is many'],
      ['6', 'timeout must be a whole number above 0 and is 0'],
      ['5', 'host_key_checking must be true or false and is perhaps'],
      ['8', 'ssh_args cannot be split into words: no closing quotation'],
    ],
  );
});

test('a single mistake is a single fault', async (t) => {
  const thrown = await t.throwsAsync(read({'project/ansible.cfg': '[defaults]\nforks = -1\n'}), {instanceOf: Fault});
  t.is(thrown.code, 'ansible-cfg');
  t.regex(thrown.at ?? '', /project\/ansible\.cfg:2$/);
});
