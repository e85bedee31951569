import {writeFile} from 'node:fs/promises';
import path from 'node:path';
import type {Command} from './measure.ts';
import {SYSCTLS} from './sysctls.ts';

const settings = (sysctls: ReadonlyMap<string, string>): unknown => ({
  name: 'settings',
  'ansible.posix.sysctl': {
    name: '{{ item.name }}',
    value: '{{ item.value }}',
    sysctl_file: '/etc/sysctl.d/90-bench.conf',
  },
  loop: [...sysctls].map(([name, value]) => ({name, value})),
});

const usual = (): unknown => [{hosts: 'all', tasks: [settings(SYSCTLS)]}];

const quickest = (): unknown => [
  {
    hosts: 'all',
    gather_facts: false,
    tasks: [{name: 'settings', template: {src: 'sysctl.conf.j2', dest: '/etc/sysctl.d/90-bench.conf'}, notify: 'load'}],
    handlers: [{name: 'load', command: 'sysctl --system'}],
  },
];

type Where = {folder: string; inventory: string; forks: number};

/** With pipelining, and as many forks as there are hosts. */
const playbook = async (where: Where, name: string, plays: unknown, options: readonly string[]): Promise<Command> => {
  const file = (base: string): string => path.join(where.folder, base);
  await writeFile(file('ansible.cfg'), '[defaults]\n');
  await writeFile(file(name), JSON.stringify(plays));
  return {
    argv: ['ansible-playbook', ...options, '-f', String(where.forks), '-i', where.inventory, file(name)],
    environment: {
      ANSIBLE_PIPELINING: '1',
      ANSIBLE_CONFIG: file('ansible.cfg'),
      ANSIBLE_LOCAL_TEMP: file('ansible'),
      ANSIBLE_SSH_CONTROL_PATH_DIR: file('cp'),
      ANSIBLE_PYTHON_INTERPRETER: '/usr/bin/python3',
    },
  };
};

/** The two ways in which people set sysctls with Ansible, each as a dry run over the inventory. */
export const ansiblePeers = async (where: Where): Promise<{usual: Command; quickest: Command}> => {
  await writeFile(
    path.join(where.folder, 'sysctl.conf.j2'),
    [...SYSCTLS].map(([name, value]) => `${name} = ${value}\n`).join(''),
  );
  return {
    usual: await playbook(where, 'usual.json', usual(), ['--check', '--diff']),
    quickest: await playbook(where, 'quickest.json', quickest(), ['--check', '--diff']),
  };
};

/** Sysctls in a loop, and files by `copy`. */
export const ansibleApply = async (
  where: Where,
  sysctls: ReadonlyMap<string, string>,
  files: ReadonlyMap<string, string>,
): Promise<Command> => {
  const folders = [...new Set([...files.keys()].map((dest) => path.dirname(dest)))];
  const places = folders.map((folder) => ({name: folder, file: {path: folder, state: 'directory'}}));
  const copies = [...files].map(([dest, content]) => ({name: dest, copy: {dest, content, mode: '0644'}}));
  return playbook(where, 'apply.json', [{hosts: 'all', tasks: [settings(sysctls), ...places, ...copies]}], []);
};
