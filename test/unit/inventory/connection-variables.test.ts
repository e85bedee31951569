import test from 'ava';
import {targetOf, type TargetDefaults} from '../../../engine/inventory/connection-variables.ts';
import {Fault} from '../../../engine/model/fault.ts';
import {Secret} from '../../../engine/model/secret.ts';
import type {Target} from '../../../engine/model/target.ts';
import {inventoryOf} from '../../support/inventory-text.ts';

const DEFAULTS: TargetDefaults = {connectTimeoutSeconds: 10};

const target = (line: string, defaults: Partial<TargetDefaults> = {}): Target => {
  const inventory = inventoryOf(line);
  return targetOf(inventory, [...inventory.hosts.keys()][0] ?? '', {...DEFAULTS, ...defaults});
};

const ssh = (line: string, defaults: Partial<TargetDefaults> = {}): Extract<Target, {via: 'ssh'}> => {
  const found = target(line, defaults);
  if (found.via !== 'ssh') throw new Error(`connected by ${found.via}`);
  return found;
};

test('a host without variables is reached by its name', (t) => {
  t.deepEqual(target('web1'), {via: 'ssh', name: 'web1', address: 'web1', arguments: [], connectTimeoutSeconds: 10});
});

test('variables of a host win over the defaults', (t) => {
  const line =
    'web1 ansible_host=192.0.2.1 ansible_port=2222 ansible_user=root ansible_ssh_private_key_file=~/k ansible_timeout=3';
  t.deepEqual(target(line, {user: 'me', port: 1, identityFile: '/x', connectTimeoutSeconds: 60}), {
    via: 'ssh',
    name: 'web1',
    address: '192.0.2.1',
    port: 2222,
    user: 'root',
    identityFile: '~/k',
    arguments: [],
    connectTimeoutSeconds: 3,
  });
});

test('defaults count where a host says nothing', (t) => {
  const defaults = {user: 'me', port: 24, identityFile: '/k', become: true, becomeUser: 'admin', sshCommonArgs: ['-4']};
  t.deepEqual(target('web1', defaults), {
    via: 'ssh',
    name: 'web1',
    address: 'web1',
    port: 24,
    user: 'me',
    identityFile: '/k',
    arguments: ['-4'],
    connectTimeoutSeconds: 10,
    become: {user: 'admin', method: 'sudo'},
  });
});

test('the port of the host pattern is the port', (t) => {
  t.is(ssh('[2001:db8::1]:2022').port, 2022);
  t.is(ssh('[2001:db8::1]:2022').address, '2001:db8::1');
});

test('of two aliases the ansible_ssh_ one wins, as in Ansible', (t) => {
  const found = ssh(
    'h ansible_host=a ansible_ssh_host=b ansible_ssh_user=u ansible_user=v ansible_ssh_port=5 ansible_port=6',
  );
  t.deepEqual([found.address, found.user, found.port], ['b', 'u', 5]);
});

test('arguments of ssh are split like a shell does, in order; a host replaces only its own kind', (t) => {
  const line = `h ansible_ssh_common_args='-o ProxyJump=b -o "User Known=x y"' ansible_ssh_extra_args=-4`;
  t.deepEqual(ssh(line, {sshArgs: ['-C'], sshCommonArgs: ['-6']}).arguments, [
    '-C',
    '-o',
    'ProxyJump=b',
    '-o',
    'User Known=x y',
    '-4',
  ]);
});

test('passwords are secrets', (t) => {
  const found = ssh('h ansible_password=geheim ansible_become=yes ansible_become_password=1234');
  t.is(found.password?.reveal(), 'geheim');
  t.is(found.become?.password?.reveal(), '1234');
  t.false(JSON.stringify(found).includes('geheim') || JSON.stringify(found).includes('1234'));
  t.is(ssh('h', {password: new Secret('x')}).password?.reveal(), 'x');
});

test('become is sudo, to root unless another user is named, and only when asked for', (t) => {
  t.deepEqual(ssh('h ansible_become=true').become, {user: 'root', method: 'sudo'});
  t.deepEqual(ssh('h ansible_become=yes ansible_become_user=admin').become, {user: 'admin', method: 'sudo'});
  t.is(ssh('h ansible_become=no', {become: true}).become, undefined);
  t.is(ssh('h ansible_become_user=admin').become, undefined);
});

for (const name of ['ssh', 'smart', 'openssh', 'paramiko', 'paramiko_ssh', 'ansible.builtin.ssh']) {
  test(`the connection ${name} is ssh`, (t) => {
    t.is(target(`h ansible_connection=${name}`).via, 'ssh');
  });
}

test('local, root directories and recordings', (t) => {
  t.deepEqual(target('h ansible_connection=local ansible_become=1'), {
    via: 'local',
    name: 'h',
    become: {user: 'root', method: 'sudo'},
  });
  t.deepEqual(target('image ansible_connection=linerate_root ansible_host=/srv/image'), {
    via: 'root',
    name: 'image',
    directory: '/srv/image',
  });
  t.deepEqual(target('r ansible_connection=linerate_recording ansible_host=r.txt'), {
    via: 'recording',
    name: 'r',
    file: 'r.txt',
  });
});

test('localhost is this machine unless the inventory says otherwise', (t) => {
  t.deepEqual(targetOf(inventoryOf('web1'), 'localhost', DEFAULTS), {via: 'local', name: 'localhost'});
  t.is(targetOf(inventoryOf('localhost ansible_port=22'), 'localhost', DEFAULTS).via, 'ssh');
  t.is(targetOf(inventoryOf('127.0.0.1 ansible_port=22'), 'localhost', DEFAULTS).name, '127.0.0.1');
});

const REFUSED: readonly (readonly [line: string, message: string])[] = [
  [
    'h ansible_connection=docker',
    'ansible_connection of host h is docker, and linerate connects by ssh, local, linerate_root and linerate_recording only',
  ],
  ['h ansible_port=0', 'ansible_port of host h must be a port from 1 to 65535 and is 0'],
  ['h ansible_port=ssh', 'ansible_port of host h must be a port from 1 to 65535 and is ssh'],
  ['h ansible_port=[1]', 'ansible_port of host h must be a text and is a list'],
  ['h ansible_ssh_port=70000', 'ansible_ssh_port of host h must be a port from 1 to 65535 and is 70000'],
  ['h ansible_host=-oProxyCommand=id', 'ansible_host of host h must not start with a hyphen'],
  ['h ansible_user=-lroot', 'ansible_user of host h must not start with a hyphen'],
  ['-oProxyCommand=id', 'host -oProxyCommand=id has an address that is none: -oProxyCommand=id'],
  [`h ansible_host="'a\\\\nb'"`, 'ansible_host of host h holds a control character'],
  ['h ansible_become=maybe', 'ansible_become of host h must be yes or no'],
  [
    'h ansible_become=1 ansible_become_method=doas',
    'ansible_become_method of host h is doas, and only sudo is supported',
  ],
  [
    `h ansible_ssh_extra_args='"open'`,
    'ansible_ssh_extra_args of host h cannot be split into words: no closing quotation',
  ],
  ['h ansible_timeout=soon', 'ansible_timeout of host h must be a number of seconds and is soon'],
];

for (const [line, message] of REFUSED) {
  test(`refused: ${line}`, (t) => {
    const fault = t.throws(() => target(line), {instanceOf: Fault});
    t.is(fault.message, message);
    t.regex(fault.at ?? '', /^hosts(?::1)?$/);
  });
}

test('a host that is not there', (t) => {
  t.throws(() => targetOf(inventoryOf('a'), 'b', DEFAULTS), {message: 'there is no host b in the inventory'});
});

test('a vaulted password without the vault password names variable, host and line', (t) => {
  const text =
    '---\nall:\n  hosts:\n    h:\n      ansible_password: !vault |\n        $ANSIBLE_VAULT;1.1;AES256\n        00\n';
  const fault = t.throws(() => target(text), {instanceOf: Fault});
  t.is(fault.message, 'ansible_password of host h is encrypted, and there is no vault password');
  t.is(fault.at, 'hosts.yml:5');
});
