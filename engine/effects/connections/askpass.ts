import {execFile} from 'node:child_process';
import {constants, writeFileSync} from 'node:fs';
import {mkdtemp, open, rm, writeFile, type FileHandle} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {promisify} from 'node:util';
import type {Secret} from '../../model/secret.ts';

/** A program that tells ssh a password, once, and only the ssh that was meant. */
export type Askpass = {
  environment: Readonly<Record<string, string>>;
  /** Lets the ssh of this pid, and no other (such as a jump host's, which inherits the environment), have the password. */
  admit(pid: number): void;
  dispose(): Promise<void>;
};

/**
 * Answers a question for a password only: a key's passphrase or a host key is not ours to answer. `mkdir` makes it
 * once, so that a wrong password is not sent again. The password waits in a pipe that is held open for writing, so it
 * lies on no disk and in no argument or environment.
 */
const PROGRAM = `#!/bin/sh
case $1 in *[Pp]assphrase*|*yes/no*) exit 1 ;; *[Pp]assword*) ;; *) exit 1 ;; esac
here=\${0%/*}
read -r owner <"$here/owner" && [ "$owner" = "$PPID" ] || exit 1
mkdir "$here/asked" || exit 1
IFS= read -r answer <"$here/pipe" && printf '%s\\n' "$answer"
`;

const removeAll = async (folder: string, pipe: FileHandle): Promise<void> => {
  await pipe.close();
  await rm(folder, {recursive: true, force: true});
};

/** Prepares the answer in a private folder; `dispose` removes it. */
export const askpass = async (password: Secret): Promise<Askpass> => {
  const folder = await mkdtemp(path.join(process.env['XDG_RUNTIME_DIR'] ?? tmpdir(), 'linerate-'));
  const file = path.join(folder, 'askpass');
  const fifo = path.join(folder, 'pipe');
  await promisify(execFile)('mkfifo', ['-m', '600', fifo]);
  // Read and write: Linux then opens a FIFO without waiting for the other end.
  const pipe = await open(fifo, constants.O_RDWR);
  await pipe.write(`${password.reveal()}\n`);
  await writeFile(file, PROGRAM, {mode: 0o700});
  return {
    // DISPLAY: before OpenSSH 8.4 there was no SSH_ASKPASS_REQUIRE, and only a DISPLAY made ssh ask the program.
    environment: {SSH_ASKPASS: file, SSH_ASKPASS_REQUIRE: 'force', DISPLAY: process.env['DISPLAY'] ?? ':0'},
    admit: (pid) => writeFileSync(path.join(folder, 'owner'), `${String(pid)}\n`),
    dispose: () => removeAll(folder, pipe),
  };
};
