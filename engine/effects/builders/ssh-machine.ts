import {printableLine} from '../../model/printable.ts';
import {shellJoin} from '../../model/shell.ts';
import type {SshTarget} from '../connections/ssh.ts';
import {apartWords} from './isolation.ts';
import {versionAnswers, versionQuestions} from './version-questions.ts';
import {remoteFailed, remoteScript, remoteText} from './ssh-stream.ts';

/** What a machine that builds says of itself. */
export type Machine = {system: string; machine: string; isolation: 'root' | 'user' | 'none'};

const LOOK = `
system=
[ ! -r /etc/redhat-release ] || read -r system </etc/redhat-release
[ -n "$system" ] || { . /etc/os-release && system=$PRETTY_NAME; }
echo "$system"
uname -m
apart=none
if [ "$(id -u)" = 0 ]; then
  ! ${shellJoin(apartWords('root', false))} mount -t proc proc /proc 2>/dev/null || apart=root
else
  ! ${shellJoin(apartWords('user', false))} mount -t proc proc /proc 2>/dev/null || apart=user
fi
echo "$apart"`;

/** Asks a machine what it is. @throws Fault of the connection, `builder-failed` */
export const lookAt = async (target: SshTarget): Promise<Machine> => {
  const [system = '', machine = '', apart = ''] = (await remoteText(target, LOOK, 'say what it is')).split('\n');
  const isolation = apart === 'root' || apart === 'user' ? apart : 'none';
  return {system: printableLine(system), machine: printableLine(machine), isolation};
};

/** What a machine's programs say of their versions. @throws Faults `missing-tool` */
export const versionsOn = async (
  target: SshTarget,
  tools: readonly string[],
): Promise<Readonly<Record<string, string>>> => {
  const {name} = target;
  const printed = await remoteText(target, versionQuestions(tools), 'name its programs');
  return versionAnswers(tools, printed, {name, host: name, hint: 'install the package that brings it there'});
};

/** A folder of a machine that is ours alone until it is released; what it holds goes with us, however we end. */
export type Claim = {folder: string; release: () => Promise<void>};

// One place for all builds, one after the other: its path cannot differ between two builds. The lock is on the home folder
// itself, so that no file of it stays.
const CLAIM = `
folder=$HOME/.linerate-build
exec 9<"$HOME" || exit 1
flock -n 9 || { echo waiting; flock 9; } || exit 1
chmod -R u+w "$folder" 2>/dev/null
rm -rf "$folder" && mkdir "$folder" || exit 1
echo "folder $folder"
cat >/dev/null
chmod -R u+w "$folder"
rm -rf "$folder"`;

/** Waits for the machine to be free. @throws Fault of the connection, `builder-failed`; the signal's reason */
export const claim = async (target: SshTarget, signal: AbortSignal, onWait: () => void): Promise<Claim> => {
  const script = remoteScript(target, CLAIM);
  const giveUp = (): void => void script.child.kill();
  signal.addEventListener('abort', giveUp);
  let printed = '';
  const folder = new Promise<string>((resolve) => {
    script.child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      printed += chunk;
      if (printed.endsWith('waiting\n')) onWait();
      const found = /^folder (.+)\n/m.exec(printed)?.[1];
      if (found !== undefined) resolve(found);
    });
  });
  const first = await Promise.race([folder, script.ended.catch((error: unknown) => ({error}))]);
  signal.removeEventListener('abort', giveUp);
  if (typeof first === 'string')
    return {
      folder: first,
      async release() {
        script.child.stdin?.end();
        await script.ended.catch(() => undefined);
      },
    };
  signal.throwIfAborted();
  if (typeof first === 'object' && first !== null) throw first.error;
  throw remoteFailed(target, 'make a folder to build in', script.complaint());
};
