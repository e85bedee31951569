import {spawn, spawnSync} from 'node:child_process';
import {existsSync, readFileSync} from 'node:fs';
import {readdir} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {setTimeout as pause} from 'node:timers/promises';
import test from 'ava';
import {startLab} from '../../support/lab/lab.ts';
import {hostAt, runOn} from '../../support/lab/runs.ts';

const OWNER = `
import {startLab} from ${JSON.stringify(path.resolve(import.meta.dirname, '../../support/lab/lab.ts'))};
const lab = await startLab({hosts: 2});
console.log(JSON.stringify({folder: lab.folder, address: lab.hosts[0].address}));
setInterval(() => undefined, 1000);
`;

type Started = {folder: string; address: string};

/** The index of a lab's link on this machine: another lab may take the name at once, but never the index. */
const linkIndex = (address: string): string | undefined => {
  const file = `/sys/class/net/lrlab${address.split('.')[2] ?? ''}/ifindex`;
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return undefined;
  }
};

const until = async (what: string, holds: () => boolean): Promise<void> => {
  for (let tries = 0; tries < 1500; tries++) {
    if (holds()) return;
    await pause(20);
  }
  throw new Error(`after half a minute: not ${what}`);
};

const isRunning = (folder: string): boolean => spawnSync('pgrep', ['-f', folder]).status === 0;

test('a lab whose owner is killed leaves no host, no link and, from the next lab on, no file', async (t) => {
  const owner = spawn(process.execPath, ['--input-type=module-typescript', '--eval', OWNER], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const said = await new Promise<string>((resolve, reject) => {
    owner.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString()));
    owner.once('close', () => reject(new Error('the owner ended before its lab ran')));
  });
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- printed by the program above
  const {folder, address} = JSON.parse(said) as Started;
  const link = linkIndex(address);
  t.not(link, undefined);
  owner.kill('SIGKILL');
  await until('without its link', () => linkIndex(address) !== link);
  await until('without its programs', () => !isRunning(folder));
  const next = await startLab({hosts: 1});
  t.false(existsSync(folder));
  await next.stop();
});

test('labs at the same time do not clash, and leave nothing', async (t) => {
  const labs = await Promise.all([startLab({hosts: 2}), startLab({hosts: 1}), startLab({hosts: 1})]);
  const addresses = labs.flatMap((lab) => lab.hosts.map(({address}) => address));
  t.is(new Set(addresses).size, 4);
  for (const lab of labs) {
    const answer = await runOn(hostAt(lab, 0).target, 'echo "$SSH_CONNECTION"');
    t.is(answer.stdout.trim().split(' ')[2], hostAt(lab, 0).address);
  }
  const links = addresses.map(linkIndex);
  await Promise.all(labs.map((lab) => lab.stop()));
  for (const [index, address] of addresses.entries()) t.not(linkIndex(address), links[index]);
  const names = await readdir(tmpdir());
  for (const lab of labs) t.false(names.includes(path.basename(lab.folder)));
});

test('each host has a name, a network and sysctls of its own', async (t) => {
  const lab = await startLab({hosts: 2});
  try {
    await runOn(hostAt(lab, 0).target, 'echo 77 >/proc/sys/net/core/somaxconn; echo x >/etc/only-here');
    const look = 'hostname; cat /proc/sys/net/core/somaxconn; ls /etc/only-here 2>/dev/null; :';
    const [first, second] = await Promise.all(lab.hosts.map(({target}) => runOn(target, look)));
    t.is(first?.stdout, 'h01\n77\n/etc/only-here\n');
    t.regex(second?.stdout ?? '', /^h02\n(?!77)\d+\n$/);
  } finally {
    await lab.stop();
  }
});
