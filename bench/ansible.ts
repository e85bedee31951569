import {writeFile} from 'node:fs/promises';
import path from 'node:path';
import type {Command} from './measure.ts';
import {SYSCTLS} from './sysctls.ts';

const usual = (): unknown => [
  {
    hosts: 'all',
    tasks: [
      {
        name: 'settings',
        'ansible.posix.sysctl': {
          name: '{{ item.name }}',
          value: '{{ item.value }}',
          sysctl_file: '/etc/sysctl.d/90-bench.conf',
        },
        loop: [...SYSCTLS].map(([name, value]) => ({name, value})),
      },
    ],
  },
];

const quickest = (): unknown => [
  {
    hosts: 'all',
    gather_facts: false,
    tasks: [{name: 'settings', template: {src: 'sysctl.conf.j2', dest: '/etc/sysctl.d/90-bench.conf'}, notify: 'load'}],
    handlers: [{name: 'load', command: 'sysctl --system'}],
  },
];

/** The two ways in which people set sysctls with Ansible, each as a dry run over the inventory: pipelining, all forks. */
export const ansiblePeers = async (
  folder: string,
  inventory: string,
  forks: number,
): Promise<{usual: Command; quickest: Command}> => {
  const file = (name: string): string => path.join(folder, name);
  await writeFile(file('ansible.cfg'), '[defaults]\n');
  await writeFile(file('usual.json'), JSON.stringify(usual()));
  await writeFile(file('quickest.json'), JSON.stringify(quickest()));
  await writeFile(file('sysctl.conf.j2'), [...SYSCTLS].map(([name, value]) => `${name} = ${value}\n`).join(''));
  const environment = {
    ANSIBLE_PIPELINING: '1',
    ANSIBLE_CONFIG: file('ansible.cfg'),
    ANSIBLE_LOCAL_TEMP: file('ansible'),
    ANSIBLE_SSH_CONTROL_PATH_DIR: file('cp'),
    ANSIBLE_PYTHON_INTERPRETER: '/usr/bin/python3',
  };
  const command = (playbook: string): Command => ({
    argv: ['ansible-playbook', '--check', '--diff', '-f', String(forks), '-i', inventory, file(playbook)],
    environment,
  });
  return {usual: command('usual.json'), quickest: command('quickest.json')};
};
