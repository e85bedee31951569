import {cp, mkdir, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {Fault} from '../../model/fault.ts';
import {shellJoin, shellQuote} from '../../model/shell.ts';
import {checkWords, type SshTarget} from '../connections/ssh.ts';
import type {Builder, Job} from './builder.ts';
import {enterText, INSIDE} from './enclosure.ts';
import {apartWords} from './isolation.ts';
import {PATHS} from './job-folders.ts';
import {followProgram} from './script-run.ts';
import {claim, lookAt, versionsOn, type Machine} from './ssh-machine.ts';
import {fetchFolder, remoteScript, sendFolder} from './ssh-stream.ts';

export type SshBuilderOptions = {
  name: string;
  target: SshTarget;
  /** How what the machine says of its system must begin. */
  system: string;
  onWarning?: (sentence: string) => void;
};

const wrongSystem = ({name, target, system}: SshBuilderOptions, found: string): Fault =>
  new Fault({
    code: 'wrong-builder',
    owner: 'user',
    host: target.name,
    message: `${target.name} says that it is "${found}", but the builder ${name} is "${system}"`,
    hint: 'another system has other programs, and makes another kernel',
  });

const FOLDERS = ['home', 'out', 'root', 'tmp', 'work'] as const;

/** What a stage's script finds, where it runs apart and where it does not. */
const environmentOf = (job: Job, at: string): Readonly<Record<string, string>> => ({
  PATH: PATHS,
  HOME: `${at}/home`,
  IN: `${at}/in`,
  FILES: `${at}/files`,
  OUT: `${at}/out`,
  WORK: `${at}/work`,
  ...job.environment,
});

const apartText = (job: Job, folder: string, isolation: 'root' | 'user'): string => {
  const bound = (name: string, write: boolean) => ({from: `${folder}/${name}`, to: `${INSIDE}/${name}`, write});
  const enter = enterText(
    {
      base: '/',
      root: `${folder}/root`,
      temporary: `${folder}/tmp`,
      binds: [
        ...['in', 'files', 'script'].map((name) => bound(name, false)),
        ...['out', 'work', 'home'].map((name) => bound(name, true)),
      ],
      environment: environmentOf(job, INSIDE),
    },
    ['/bin/sh', '-c', `cd "$WORK"; exec /bin/sh -eu ${INSIDE}/script`],
  );
  return shellJoin([...apartWords(isolation, false), '/bin/sh', '-c', enter]);
};

const plainText = (job: Job, folder: string): string => {
  const environment = Object.entries(environmentOf(job, folder)).map(([name, value]) => `${name}=${value}`);
  return `cd ${shellQuote(`${folder}/work`)} && /usr/bin/env -i ${shellJoin(environment)} /bin/sh -eu ${shellQuote(`${folder}/script`)}`;
};

/** The end of its standard input ends the script with all of its group: we are gone, or want it to be. */
const leashed = (text: string): string => `
exec 2>&1 3<&0 </dev/null
{ cat >/dev/null; kill -KILL 0; } <&3 &
leash=$!
exec 3<&-
umask 022
${text}
status=$?
kill "$leash" 2>/dev/null
exit "$status"`;

const send = async (job: Job, target: SshTarget, folder: string): Promise<void> => {
  const staging = path.join(job.scratch, 'staging');
  await mkdir(path.join(staging, 'in'), {recursive: true});
  for (const name of FOLDERS) await mkdir(path.join(staging, name), {recursive: true});
  await writeFile(path.join(staging, 'script'), job.script);
  await cp(job.files, path.join(staging, 'files'), {recursive: true});
  await sendFolder(target, staging, shellQuote(folder), job.signal);
  for (const [name, input] of Object.entries(job.inputs)) {
    job.onLine?.(`linerate: sending ${name} to ${target.name}`);
    await sendFolder(target, input, shellQuote(`${folder}/in/${name}`), job.signal);
  }
};

const runThere = async (
  job: Job,
  target: SshTarget,
  folder: string,
  isolation: Machine['isolation'],
): Promise<void> => {
  const text = isolation === 'none' ? plainText(job, folder) : apartText(job, folder, isolation);
  const script = remoteScript(target, leashed(text));
  const status = async (): Promise<string> => `status ${String(await script.ended)}`;
  await followProgram(script.child, job, {status, end: () => void script.child.stdin?.end()});
};

/** Stages run on another machine; what they are made from goes there, what they made comes back. */
export const sshBuilder = (options: SshBuilderOptions): Builder => {
  const {name, target, system, onWarning} = options;
  checkWords(target);
  let machine: Promise<Machine> | undefined;
  const known = async (): Promise<Machine> => (machine ??= lookAt(target));
  return {
    name,
    async identity() {
      const found = await known();
      if (!found.system.startsWith(system)) throw wrongSystem(options, found.system);
      if (found.isolation === 'none')
        onWarning?.(`${target.name} allows no namespaces: what is built there may hold its paths`);
      return `ssh 1, ${found.system}, ${found.machine}${found.isolation === 'none' ? ', plain folders' : ''}`;
    },
    versionsOf: async (tools) => versionsOn(target, tools),
    async run(job) {
      const {isolation} = await known();
      const held = await claim(target, job.signal, () =>
        job.onLine?.(`linerate: ${target.name} builds something else; waiting`),
      );
      try {
        await send(job, target, held.folder);
        await runThere(job, target, held.folder, isolation);
        await fetchFolder(target, shellQuote(`${held.folder}/out`), job.out, job.signal);
      } finally {
        await held.release();
      }
    },
  };
};
