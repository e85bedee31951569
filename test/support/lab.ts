import {mkdir, readFile, rm, writeFile} from 'node:fs/promises';
import {homedir} from 'node:os';
import path from 'node:path';
import {setTimeout as pause} from 'node:timers/promises';
import {awaitLab, prepareLab, startSupervisor} from './lab/lab.ts';

// The folder and the slot that inventories/lab names.
const FOLDER = path.join(homedir(), '.cache/linerate/lab');
const SLOT = 0;
const HOSTS = 5;

const say = (text: string): void => console.log(text);

/** The pid of the lab that runs in our folder; undefined when none does. */
const running = async (): Promise<number | undefined> => {
  const pid = Number(await readFile(path.join(FOLDER, 'pid'), 'utf8').catch(() => ''));
  const command = await readFile(`/proc/${String(pid)}/cmdline`, 'utf8').catch(() => '');
  return command.includes(FOLDER) ? pid : undefined;
};

const start = async (count: number): Promise<void> => {
  if ((await running()) !== undefined) throw new Error('the lab runs already; stop it first');
  await rm(FOLDER, {recursive: true, force: true});
  await mkdir(path.join(FOLDER, 'hosts'), {recursive: true, mode: 0o700});
  const names = await prepareLab(FOLDER, count);
  const child = startSupervisor(FOLDER, SLOT, 'forever');
  await writeFile(path.join(FOLDER, 'pid'), String(child.pid));
  const hosts = await awaitLab(FOLDER, names, child).catch(async (error: unknown) => {
    const log = (await readFile(path.join(FOLDER, 'log'), 'utf8')).trim();
    throw new Error(`${error instanceof Error ? error.message : String(error)}: ${log}`);
  });
  child.unref();
  say(`${String(hosts.length)} hosts run, 198.18.0.11 and on. Try: ./linerate diff -i inventories/lab`);
};

const stop = async (): Promise<void> => {
  const pid = await running();
  if (pid === undefined) throw new Error('no lab runs');
  // unshare --kill-child: process 1 of the lab dies with it, and all hosts with that.
  process.kill(pid, 'SIGKILL');
  while ((await running()) !== undefined) await pause(20);
  await rm(FOLDER, {recursive: true, force: true});
  say('the lab has ended');
};

const main = async ([verb, count = String(HOSTS), ...rest]: readonly string[]): Promise<void> => {
  const wanted = Number(count);
  if (verb === 'start' && rest.length === 0 && Number.isInteger(wanted) && wanted >= 1 && wanted <= 200) {
    await start(wanted);
    return;
  }
  if (verb === 'stop' && rest.length === 0) {
    await stop();
    return;
  }
  throw new Error('usage: test/support/lab.sh start [HOSTS (1 to 200, default 5)] | stop');
};

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(`lab: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
});
