import {createHash} from 'node:crypto';
import {mkdir} from 'node:fs/promises';
import path from 'node:path';
import test, {type ExecutionContext} from 'ava';
import type {Connection, ConnectOptions, Target} from '../../engine/effects/connection.ts';
import {connect} from '../../engine/effects/connections/connect.ts';
import {parseFrames} from '../../engine/facts/frames.ts';
import {probeScript} from '../../engine/facts/probe.ts';
import {Fault} from '../../engine/model/fault.ts';
import {Secret} from '../../engine/model/secret.ts';
import {withLoginShell, withNoisyProfile, withOps} from '../support/lab/kinds.ts';
import {startLab, type Lab} from '../support/lab/lab.ts';

let lab: Lab;
let image: string;

test.before(async () => {
  lab = await startLab({
    hosts: [
      {},
      withNoisyProfile,
      withLoginShell('/bin/csh'),
      withOps({password: 'pass word', sudoers: 'ops ALL=(ALL) ALL'}),
    ],
  });
  image = path.join(lab.folder, 'image');
  await mkdir(image);
});

test.after.always(async () => {
  await lab?.stop();
});

const sshTo = (index: number): Target & {via: 'ssh'} => {
  const host = lab.hosts[index];
  if (!host) throw new Error(`the lab has no host ${String(index)}`);
  return host.target;
};

/** Every way to a shell; the last asks a password on the way. */
const KINDS: readonly [string, () => Target][] = [
  ['ssh', () => sshTo(0)],
  ['ssh, noisy profile', () => sshTo(1)],
  ['ssh, csh', () => sshTo(2)],
  [
    'ssh and sudo',
    () => ({...sshTo(3), user: 'ops', become: {user: 'root', method: 'sudo', password: new Secret('pass word')}}),
  ],
  ['local', () => ({via: 'local', name: 'here'})],
  ['local and sudo', () => ({via: 'local', name: 'here', become: {user: 'nobody', method: 'sudo'}})],
  ['root directory', () => ({via: 'root', name: 'image', directory: image})],
];

type Behaviour = (t: ExecutionContext, connection: Connection) => Promise<void>;

const faultOf = async (t: ExecutionContext, run: Promise<unknown>): Promise<Fault> => {
  const error = await t.throwsAsync(run);
  if (!(error instanceof Fault)) throw new Error(`no fault but ${String(error)}`);
  return error;
};

const BEHAVIOURS: Record<string, Behaviour> = {
  'tells both streams and the status apart': async (t, connection) => {
    const answer = await connection.run('echo out; echo err >&2; exit 7');
    t.deepEqual(answer, {stdout: 'out\n', stderr: 'err\n', status: 7});
  },
  'keeps stdout exactly: no final newline, blank lines, any character': async (t, connection) => {
    const text = '\n\n žluťoučký 漢字 🐎\t\u0001 \n\nlast';
    const answer = await connection.run(`printf '%s' '${text}'`);
    t.is(answer.stdout, text);
    t.is((await connection.run(':')).stdout, '');
    t.is((await connection.run('echo')).stdout, '\n');
  },
  'runs one script after another, each in a shell of its own state': async (t, connection) => {
    await connection.run('x=1; cd /tmp; umask 077; set -e; false');
    const answer = await connection.run('echo "${x-none}"; pwd; false; echo still');
    t.is(answer.stdout.split('\n')[0], 'none');
    t.not(answer.stdout.split('\n')[1], '/tmp');
    t.is(answer.stdout.split('\n')[2], 'still');
  },
  'queues runs that are asked for at once': async (t, connection) => {
    const numbers = Array.from({length: 20}, (_, index) => index);
    const answers = await Promise.all(numbers.map((number) => connection.run(`echo ${String(number)}`)));
    t.deepEqual(
      answers.map(({stdout}) => Number(stdout)),
      numbers,
    );
  },
  'passes quotes, dollars, backslashes and here-documents on unread': async (t, connection) => {
    const script = `cat <<'END'\nit's "$HOME" \`date\` \\n \\\\\nEND\ncat <<END\n$((6 * 7))\nEND\n# don't`;
    t.is((await connection.run(script)).stdout, 'it\'s "$HOME" `date` \\n \\\\\n42\n');
  },
  'gives a script nothing on its standard input': async (t, connection) => {
    t.is((await connection.run('cat; read -r line; echo "$?"')).stdout, '1\n');
    t.is((await connection.run('echo next')).stdout, 'next\n');
  },
  'hands its input to its last script, byte for byte, and to nobody else': async (t, connection) => {
    t.is((await connection.run('echo one')).stdout, 'one\n');
    const bytes = Buffer.alloc(3_000_000, 'exit 9\n\0\u00ff');
    async function* input(): AsyncGenerator<Uint8Array> {
      for (let from = 0; from < bytes.length; from += 100_000) yield bytes.subarray(from, from + 100_000);
    }
    const answer = await connection.run('sha256sum; echo "$(cat | wc -c)" >&2; exit 5', {input: input()});
    const sum = createHash('sha256').update(bytes).digest('hex');
    t.deepEqual(answer, {stdout: `${sum}  -\n`, stderr: '0\n', status: 5});
  },
  'takes nothing of an input for a script that was left unread': async (t, connection) => {
    async function* input(): AsyncGenerator<Uint8Array> {
      for (let line = 0; line < 20_000; line += 1) yield Buffer.from('echo stray; echo stray >&2\n');
    }
    const answer = await connection.run('head -c 10 >/dev/null; sleep 0.1; echo done', {input: input()});
    t.deepEqual(answer, {stdout: 'done\n', stderr: '', status: 0});
  },
  'ends with what keeps its input from being read': async (t, connection) => {
    async function* input(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('some');
      await Promise.reject(new Fault({code: 'torn', owner: 'user', message: 'the file is torn'}));
    }
    t.is((await faultOf(t, connection.run('cat', {input: input()}))).code, 'torn');
  },
  'survives a script with a syntax error': async (t, connection) => {
    const answer = await connection.run("if then ' (");
    t.not(answer.status, 0);
    t.regex(answer.stderr, /syntax error|unterminated/i);
    t.is((await connection.run('echo next')).stdout, 'next\n');
  },
  'carries large scripts and large outputs': async (t, connection) => {
    const line = 'x'.repeat(99);
    const script = `cat <<'END'\n${`${line}\n`.repeat(2000)}END\nhead -c 8000000 /dev/zero | tr '\\0' y`;
    const {stdout} = await connection.run(script);
    t.is(stdout.length, 8_200_000);
    t.true(stdout.startsWith(`${line}\n${line}\n`));
    t.true(stdout.endsWith('yyy'));
  },
  'keeps the first part of a flood on stderr': async (t, connection) => {
    const answer = await connection.run(`{ echo first; head -c 3000000 /dev/zero | tr '\\0' z; } >&2; echo done`);
    t.is(answer.stdout, 'done\n');
    t.true(answer.stderr.startsWith('first\nzzz'));
    t.is(answer.stderr.length, 1024 * 1024);
  },
  'is not taken in by a forged end': async (t, connection) => {
    const answer = await connection.run(`printf '\\n%032d end 0\\n' 0; echo real; exit 4`);
    t.deepEqual(answer, {stdout: `\n${'0'.repeat(32)} end 0\nreal\n`, stderr: '', status: 4});
  },
  'refuses more output than is allowed, and is dead then': async (t, connection) => {
    const fault = await faultOf(t, connection.run('cat /dev/zero', {maxBytes: 100_000}));
    t.is(fault.code, 'output-too-large');
    t.is((await faultOf(t, connection.run('echo'))).code, 'output-too-large');
  },
  'gives up after the time that a run may take': async (t, connection) => {
    await connection.run(':');
    const fault = await faultOf(t, connection.run('sleep 1000', {timeoutMs: 50}));
    t.is(fault.code, 'run-timeout');
    t.regex(fault.message, /did not finish within 0.05 s$/);
  },
  'is broken off by a signal': async (t, connection) => {
    const abort = new AbortController();
    await connection.run(':');
    const running = connection.run('sleep 1000', {signal: abort.signal});
    abort.abort();
    t.is((await faultOf(t, running)).code, 'interrupted');
  },
  'tells that its shell was killed': async (t, connection) => {
    const fault = await faultOf(t, connection.run('echo last words >&2; kill -KILL $$'));
    t.is(fault.code, 'connection-dropped');
    t.regex(fault.message, /went away in the middle of a script .*: last words/);
  },
  'cannot be used once it is closed': async (t, connection) => {
    await connection.run(':');
    await connection.close();
    t.is((await faultOf(t, connection.run('echo'))).code, 'connection-closed');
  },
};

for (const [kind, target] of KINDS)
  for (const [name, behaviour] of Object.entries(BEHAVIOURS))
    test(`${kind}: ${name}`, async (t) => {
      const connection = connect(target());
      try {
        await behaviour(t, connection);
      } finally {
        await connection.close();
      }
    });

for (const [kind, target] of KINDS) {
  test(`${kind}: starts nothing for a caller that has given up already`, async (t) => {
    const options: ConnectOptions = {signal: AbortSignal.abort()};
    const connection = connect(target(), options);
    t.is((await faultOf(t, connection.run('echo'))).code, 'interrupted');
    await connection.close();
  });
  test(`${kind}: says once when the shell answers`, async (t) => {
    let times = 0;
    const connection = connect(target(), {onReady: () => (times += 1)});
    t.is(times, 0);
    await connection.run(':');
    await connection.run(':');
    await connection.close();
    t.is(times, 1);
  });
}

test('only a root directory has a root, and it is the physical one', async (t) => {
  for (const [kind, target] of KINDS) {
    const connection = connect(target());
    t.is(connection.root, kind === 'root directory' ? image : '', kind);
    await connection.close();
  }
  const fault = t.throws(() => connect({via: 'root', name: 'image', directory: `${image}/none`}), {instanceOf: Fault});
  t.is(fault?.code, 'root-missing');
});

const RECORDING = path.join(import.meta.dirname, '../fixtures/hosts/firecracker-vm/host.rec');

test('a recording answers the probe, with whatever token it is asked by, and nothing else', async (t) => {
  const connection = connect({via: 'recording', name: 'then', file: RECORDING});
  for (const token of ['@one', '@two']) {
    const answer = await connection.run(probeScript(['n /'], {token, root: connection.root}));
    const frames = parseFrames(answer.stdout, token);
    t.true(frames.complete);
    t.true(frames.files.size > 10);
    t.deepEqual([answer.stderr, answer.status], ['', 0]);
  }
  t.is((await faultOf(t, connection.run('echo'))).code, 'recording-no-shell');
  await connection.close();
  const missing = connect({via: 'recording', name: 'then', file: `${RECORDING}.none`});
  const probe = missing.run(probeScript([], {token: '@t', root: ''}));
  t.is((await faultOf(t, probe)).code, 'recording-unreadable');
});
