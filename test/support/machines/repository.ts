import {spawn} from 'node:child_process';
import {mkdir, mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {outputOf} from './command.ts';
import type {Machine} from './machine.ts';

const WHERE = '/srv/packages';

/** What the machine lacks of these packages and of what they depend on, as apt would fetch it: `NAME=VERSION`. */
const missing = async (work: string, machine: Machine, packages: readonly string[]): Promise<readonly string[]> => {
  const status = path.join(work, 'status');
  await writeFile(status, (await machine.run('cat /var/lib/dpkg/status')).stdout);
  const options = ['-o', `Dir::State::status=${status}`, '-o', 'APT::Install-Recommends=false'];
  const plan = await outputOf('apt-get', ...options, '--simulate', 'install', ...packages);
  return [...plan.matchAll(/^Inst (\S+) (?:\[[^\]]*\] )?\((\S+)/gm)].map(
    ([, name = '', version = '']) => `${name}=${version}`,
  );
};

const send = async (machine: Machine, folder: string): Promise<void> => {
  const command = 'tar -c -C "$1" . | ssh -F "$2" machine "mkdir -p $3 && tar -x -C $3"';
  const child = spawn('setpriv', [
    '--pdeathsig',
    'KILL',
    'sh',
    '-c',
    command,
    'sh',
    folder,
    machine.sshConfigPath,
    WHERE,
  ]);
  const status = await new Promise((resolve) => child.on('close', resolve));
  if (status !== 0) throw new Error('the packages could not be sent to the test machine');
};

/** Gives the machine, which reaches nobody, a repository of these packages and all that they need. */
export const addRepository = async (machine: Machine, packages: readonly string[]): Promise<void> => {
  const work = await mkdtemp(path.join(tmpdir(), 'linerate-packages-'));
  try {
    const folder = path.join(work, 'packages');
    await mkdir(folder);
    const wanted = await missing(work, machine, packages);
    await outputOf('sh', '-c', 'cd "$1" && shift && apt-get -qq download "$@"', 'sh', folder, ...wanted);
    await writeFile(
      path.join(folder, 'Packages'),
      await outputOf('sh', '-c', 'cd "$1" && apt-ftparchive packages .', 'sh', folder),
    );
    await send(machine, folder);
    const line = `deb [trusted=yes] file:${WHERE} ./`;
    await machine.run(`rm -f /etc/apt/sources.list /etc/apt/sources.list.d/*; echo '${line}' >/etc/apt/sources.list`);
  } finally {
    await rm(work, {recursive: true, force: true});
  }
};
