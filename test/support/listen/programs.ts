import {execFile, spawn} from 'node:child_process';
import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {promisify} from 'node:util';

const HERE = import.meta.dirname;

const run = promisify(execFile);

/** The library's sources. */
export const SOURCES = path.join(HERE, '../../../dataplane/fastsocket/listen');

export type Programs = {folder: string; library: string; remove: () => Promise<void>};

const compile = async (folder: string, flags: string): Promise<void> => {
  const at = (name: string): string => path.join(HERE, name);
  const strict = ['-Wall', '-Wextra', '-Werror'];
  await run('make', ['-s', '-C', SOURCES, `OUT=${folder}`, `CFLAGS=${flags} -Werror`]);
  const server = ['-o', path.join(folder, 'server'), at('server.c'), at('uring.c'), '-lpthread'];
  await run('gcc', [...flags.split(' '), ...strict, ...server]);
  await run('gcc', ['-O2', ...strict, '-o', path.join(folder, 'client'), at('client.c')]);
};

/** Builds the library by its Makefile, and the tests' client and server beside it, in a temporary folder. */
export const buildPrograms = async (flags = '-O1 -g'): Promise<Programs> => {
  const folder = await mkdtemp(path.join(tmpdir(), 'linerate-listen-'));
  // Workers that dropped their privileges write here.
  await run('chmod', ['755', folder]);
  const remove = async (): Promise<void> => rm(folder, {recursive: true, force: true});
  try {
    await compile(folder, flags);
  } catch (cause) {
    await remove();
    throw cause;
  }
  return {folder, library: path.join(folder, 'liblinerate-listen.so'), remove};
};
/** How a client's connections ended, and how often each text came back. */
export type Answers = {
  ok: number;
  refused: number;
  reset: number;
  empty: number;
  late: number;
  ms: number;
  texts: Record<string, number>;
};

const PRELUDE = `set -u
ip link set lo up
mount -t tmpfs none /run
# Waits until a command succeeds.
until_true() { tries=0; until "$@" >/dev/null 2>&1; do tries=$((tries + 1)); [ $tries -lt 500 ] || { echo "never true: $*" >&2; exit 9; }; sleep 0.02; done; }
listens() { ss -Htln "sport = :$1" | grep -q .; }
# A listener's open queues, the original among them.
queues() { [ "$(ss -Htln "sport = :$1" | wc -l)" = "$2" ]; }
ask() { "$folder/client" "$@"; }
preloaded="env LD_PRELOAD=$library LINERATE_LISTEN_VERBOSE=1"
`;

export type Said = {status: number | null; lines: string[]; errors: string};

/**
 * Runs a shell script as root in namespaces of its own (network, processes, mounts), which go with it, as they do when the
 * test is interrupted. `$folder` and `$library` lead to the programs.
 */
export const inNetwork = async (programs: Programs, script: string): Promise<Said> => {
  const unshare = ['unshare', '-m', '-n', '-p', '-f', '--mount-proc', '--kill-child'];
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', ...unshare, 'bash', '-c', PRELUDE + script], {
    stdio: ['ignore', 'pipe', 'pipe'],
    // lighttpd ends its whole process group.
    detached: true,
    timeout: 120_000,
    killSignal: 'SIGKILL',
    cwd: programs.folder,
    env: {...process.env, folder: programs.folder, library: programs.library, LC_ALL: 'C'},
  });
  let output = '';
  let errors = '';
  child.stdout.on('data', (text: Buffer) => (output += text.toString()));
  child.stderr.on('data', (text: Buffer) => (errors += text.toString()));
  const status = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  return {status, lines: output.trim().split('\n'), errors};
};

/** As inNetwork, for scripts that must end well; answers with what each line of JSON said. */
export const answersOf = async (programs: Programs, script: string): Promise<Answers[]> => {
  const said = await inNetwork(programs, script);
  if (said.status !== 0)
    throw new Error(`the script ended with ${String(said.status)}: ${said.errors}\n${said.lines.join('\n')}`);
  return said.lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as Answers);
};

/** Connections that did not get their answer. */
export const failures = ({refused, reset, empty, late}: Answers): number => refused + reset + empty + late;

export type Answer = {pid: string; connection: string; worker: string; count: number};

/** What our server's answers say: worker, CPU of the connection, CPU of the worker. */
export const workersOf = (answers: Answers): Answer[] =>
  Object.entries(answers.texts).map(([text, count]) => {
    const [pid = '', connection = '', worker = ''] = text.split(' ');
    return {pid, connection, worker, count};
  });
