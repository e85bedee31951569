import {execFile} from 'node:child_process';
import {constants, writeFileSync} from 'node:fs';
import {mkdtemp, open, rm, writeFile, type FileHandle} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {promisify} from 'node:util';
import type {Secret} from '../../model/secret.ts';

/** What ssh, and a jump host's ssh below it, ask instead of a person. */
export type Askpass = {
  environment: Readonly<Record<string, string>>;
  /** Lets the ssh of this pid, and no other (a jump host's inherits the environment), have the password. */
  admit(pid: number): void;
  dispose(): Promise<void>;
};

/**
 * Answers a question for a password only: a key's passphrase or a host key is not ours to answer. `mkdir` makes it
 * once, so that a wrong password is not sent again. A jump host's ssh, which inherits no BatchMode, would send an empty
 * password three times where it gets no answer, and lock an account in a fan-out: so it is ended.
 */
const PROGRAM = `#!/bin/sh
case $1 in *[Pp]assphrase*|*yes/no*) exit 1 ;; *[Pp]assword*) ;; *) exit 1 ;; esac
here=\${0%/*}
owner=
[ ! -e "$here/owner" ] || read -r owner <"$here/owner"
if [ "$owner" != "$PPID" ]; then
  echo 'Permission denied: it asks for a password' >&2
  kill "$PPID"
  exit 1
fi
mkdir "$here/asked" || exit 1
IFS= read -r answer <"$here/pipe" && printf '%s\\n' "$answer"
`;

/** A pipe that holds the password in memory as long as it is open: it lies on no disk, in no argument or environment. */
const pipeWith = async (file: string, password: Secret): Promise<FileHandle> => {
  await promisify(execFile)('mkfifo', ['-m', '600', file]);
  // Read and write: Linux then opens a FIFO without waiting for the other end.
  const pipe = await open(file, constants.O_RDWR);
  await pipe.write(`${password.reveal()}\n`);
  return pipe;
};

/** Prepares the answers in a private folder, which `dispose` removes; without a password there is none to give. */
export const askpass = async (password: Secret | undefined): Promise<Askpass> => {
  const folder = await mkdtemp(path.join(process.env['XDG_RUNTIME_DIR'] ?? tmpdir(), 'linerate-'));
  const file = path.join(folder, 'askpass');
  const pipe = password && (await pipeWith(path.join(folder, 'pipe'), password));
  await writeFile(file, PROGRAM, {mode: 0o700});
  return {
    // DISPLAY: before OpenSSH 8.4 there was no SSH_ASKPASS_REQUIRE, and only a DISPLAY made ssh ask the program.
    environment: {SSH_ASKPASS: file, SSH_ASKPASS_REQUIRE: 'force', DISPLAY: process.env['DISPLAY'] ?? ':0'},
    admit(pid) {
      if (password) writeFileSync(path.join(folder, 'owner'), `${String(pid)}\n`);
    },
    async dispose() {
      await pipe?.close();
      await rm(folder, {recursive: true, force: true});
    },
  };
};
