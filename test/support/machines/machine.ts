import {spawn, type ChildProcess} from 'node:child_process';
import {mkdtemp, readFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import type {Target} from '../../../engine/model/target.ts';
import {accelerator} from './accelerator.ts';
import type {Outcome} from './command.ts';
import {imageFolder} from './image.ts';
import {qemuArguments, type MachineShape} from './qemu.ts';
import {qemuCommand} from './qmp.ts';
import {ALIAS, bootId, runOver, writeSshFiles} from './ssh.ts';

// Twenty seconds on two idle processors, minutes where eight others want them.
const BOOT_LIMIT_MS = 600_000;

export type Machine = {
  /** Root over SSH; another `user` or `become` may be put in. */
  target: Extract<Target, {via: 'ssh'}>;
  /** An ssh_config that knows the machine as `machine`. */
  sshConfigPath: string;
  /** One shell command over a connection of its own, beside linerate's. */
  run(command: string, user?: string): Promise<Outcome>;
  /** The random name of its present boot. */
  bootId(): Promise<string>;
  /** Reboots, and comes back when the machine that answers is a new boot. */
  reboot(): Promise<void>;
  /** Resets it as a power cut does: what its kernel has not yet written to the disk is lost. Does not wait. */
  powerCut(): Promise<void>;
  /** Waits until it answers in another boot than that one, and answers the new boot's name. */
  waitForReboot(since: string, limitMs?: number): Promise<string>;
  /** What the serial console has said since it was switched on: GRUB, kernel and systemd of every boot. */
  console(): Promise<string>;
  /** Ends the machine and removes what it left in /tmp. */
  stop(): Promise<void>;
};

type Running = {child: ChildProcess; complaint: () => string; work: string};

const start = (argv: readonly string[], work: string): Running => {
  const [program = '', ...rest] = argv;
  const child = spawn(program, rest, {stdio: ['ignore', 'ignore', 'pipe']});
  let complaints = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaints = `${complaints}${text}`.slice(-2000)));
  return {child, complaint: () => complaints.trim(), work};
};

const ended = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;

const stop = async (child: ChildProcess): Promise<void> => {
  if (ended(child)) return;
  const closed = new Promise((resolve) => child.once('close', resolve));
  child.kill('SIGTERM');
  await closed;
};

const consoleOf = async ({work}: Running): Promise<string> =>
  readFile(path.join(work, 'console'), 'utf8').catch(() => '');

/** Waits for a boot that is not `since`. @throws Error with the console's end, where none answers in time */
const waitForBoot = async (running: Running, config: string, since = '', limitMs = BOOT_LIMIT_MS): Promise<string> => {
  const begin = Date.now();
  while (Date.now() - begin < limitMs && !ended(running.child)) {
    const boot = await bootId(config);
    if (boot !== undefined && boot !== since) return boot;
    await delay(1000);
  }
  const said = await consoleOf(running);
  const what = since === '' ? 'come up' : 'come back';
  throw new Error(`the test machine did not ${what}: ${running.complaint()} ${said.slice(-2000)}`);
};

const machineOf = (running: Running, sshConfigPath: string): Machine => {
  const run: Machine['run'] = async (command, user) => runOver(sshConfigPath, command, user);
  const present: Machine['bootId'] = async () => waitForBoot(running, sshConfigPath);
  const waitForReboot: Machine['waitForReboot'] = async (since, limitMs) =>
    waitForBoot(running, sshConfigPath, since, limitMs);
  return {
    target: {via: 'ssh', name: ALIAS, address: ALIAS, arguments: ['-F', sshConfigPath], connectTimeoutSeconds: 60},
    sshConfigPath,
    run,
    bootId: present,
    reboot: async () => {
      const since = await present();
      await run('systemctl reboot');
      await waitForReboot(since);
    },
    powerCut: async () => qemuCommand(path.join(running.work, 'qmp'), 'system_reset'),
    waitForReboot,
    console: async () => consoleOf(running),
    stop: async () => stop(running.child),
  };
};

/**
 * Boots a Debian 12 machine of `qemu.ts`'s shape and waits until it answers over SSH: a fresh one each time, about
 * twenty seconds without KVM. Its image is built on first use; `log` is told how that goes. Needs root: for taps, and
 * for the owners of the image's files.
 */
export const bootMachine = async (log: (line: string) => void, shape: MachineShape = {}): Promise<Machine> => {
  if (process.getuid?.() !== 0)
    throw new Error('the test machine needs root (taps, owners of files): run the tests as root');
  const folder = await imageFolder(log);
  const accelerated = await accelerator(folder);
  const work = await mkdtemp(path.join(tmpdir(), 'linerate-machine-'));
  const running = start(qemuArguments(folder, accelerated, work, shape), work);
  try {
    const sshConfigPath = await writeSshFiles(folder, work, running.child.pid ?? 0);
    await waitForBoot(running, sshConfigPath);
    return machineOf(running, sshConfigPath);
  } catch (error) {
    await stop(running.child);
    throw error;
  }
};
