import {execFile} from 'node:child_process';
import path from 'node:path';
import {promisify} from 'node:util';
import test from 'ava';
import {answersOf, buildPrograms, failures, inNetwork, type Programs} from '../../support/listen/programs.ts';

let programs: Programs;

test.before(async () => {
  programs = await buildPrograms();
});

test.after.always(async () => programs.remove());

const python = (text: string): string => `$preloaded python3 - <<'END' 2>/run/said
import os, socket, sys
from socket import *
def listening():
    return sum(1 for line in open('/proc/net/tcp') if line.split()[3] == '0A')
${text}
END
status=$?
cat /run/said
exit $status`;

/** What Python, preloaded, printed; what the library said of itself follows. */
const said = async (text: string): Promise<string[]> => {
  const {status, lines, errors} = await inNetwork(programs, python(text));
  if (status !== 0) throw new Error(`${lines.join('\n')}${errors}`);
  return lines.filter((line) => line !== '');
};

const MINE = 'linerate-listen';

test.serial('one process keeps its plain listener, whatever it waits by', async (t) => {
  for (const how of ['epoll', 'poll', 'accept']) {
    const {status, lines, errors} = await inNetwork(
      programs,
      `$preloaded "$folder/server" ${how} 0 127.0.0.1 8000 2>/run/said & server=$!
until_true listens 8000
ask 127.0.0.1 8000 0 8 100; ask 127.0.0.1 8000 1 8 100
queues 8000 1 || exit 7
kill $server; wait $server
cat /run/said`,
    );
    t.is(status, 0, errors);
    t.is(lines.filter((line) => line.includes('"ok":100')).length, 2);
    t.false(lines.join().includes('serving CPU'));
  }
});

test.serial('one process that became a daemon keeps its plain listener', async (t) => {
  const lines = await said(`
s = socket(); s.bind(('127.0.0.1', 0)); s.listen(); s.setblocking(False)
if os.fork() == 0:
    import select
    e = select.epoll(); e.register(s, select.EPOLLIN)
    c = [create_connection(s.getsockname()) for _ in range(20)]
    for _ in c: e.poll(); s.accept()
    print(listening(), flush=True)
    os._exit(0)
os.wait()`);
  t.deepEqual(
    lines.filter((line) => !line.includes(MINE)),
    ['1'],
  );
});

test.serial('Unix sockets, datagrams and ports that are shared by the program itself are left alone', async (t) => {
  const lines = await said(`
before = len(os.listdir('/proc/self/fd'))
u = socket(AF_UNIX); u.bind('/run/one'); u.listen()
d = socket(AF_INET, SOCK_DGRAM); d.bind(('127.0.0.1', 0))
r = socket(); r.setsockopt(SOL_SOCKET, SO_REUSEPORT, 1); r.bind(('127.0.0.1', 0)); r.listen()
print(len(os.listdir('/proc/self/fd')) - before, d.getsockopt(SOL_SOCKET, SO_REUSEPORT))`);
  t.deepEqual(lines, ['3 0']);
});

test.serial('sockets that were inherited listening are left alone', async (t) => {
  const lines = await said(`
s = socket(); s.bind(('127.0.0.1', 0)); os.environ['LD_PRELOAD'], preload = '', os.environ['LD_PRELOAD']
import ctypes; ctypes.CDLL(None).syscall(50, s.fileno(), 64)
before = len(os.listdir('/proc/self/fd'))
s.listen()
print(len(os.listdir('/proc/self/fd')) - before)`);
  t.deepEqual(lines, ['0']);
});

test.serial('options that are set after listen reach the connections of every queue', async (t) => {
  const lines = await said(`
import time
s = socket(); s.setsockopt(IPPROTO_TCP, TCP_KEEPIDLE, 77); s.bind(('127.0.0.1', 0)); s.listen(64); s.setsockopt(SOL_SOCKET, SO_KEEPALIVE, 1)
name = s.getsockname()
r, w = os.pipe()
def work():
    import select
    s.setblocking(False); e = select.epoll(); e.register(s, select.EPOLLIN)
    while True:
        e.poll()
        try: c = s.accept()[0]
        except BlockingIOError: continue
        told = (c.getsockopt(SOL_SOCKET, SO_KEEPALIVE), c.getsockopt(IPPROTO_TCP, TCP_KEEPIDLE), c.getsockname() == name)
        os.write(w, (str(told) + '\\n').encode()); c.close()
workers = [os.fork() or work() for _ in range(2)]
for _ in range(60):
    create_connection(name).recv(1)
while listening() < 3:
    create_connection(name).recv(1)
for cpu in (0, 1):
    os.sched_setaffinity(0, {cpu})
    for _ in range(50): create_connection(name).recv(1)
print(*sorted(set(os.read(r, 65536).decode().split('\\n')) - {''}))
for worker in workers: os.kill(worker, 9)`);
  t.is(lines[0], '(1, 77, True)');
});

test.serial('what cannot be had is done without: no descriptors left', async (t) => {
  const answers = await answersOf(
    programs,
    `(ulimit -n 8; exec $preloaded "$folder/server" epoll 2 127.0.0.1 8000 2>/run/said) & server=$!
until_true listens 8000
ask 127.0.0.1 8000 0 2 100
grep -q 'stays a plain listener' /run/said || exit 7
kill $server; wait $server`,
  );
  t.deepEqual(answers.map(failures), [0]);
});

test.serial('a static program does not know the library', async (t) => {
  const here = path.join(import.meta.dirname, '../../support/listen');
  const sources = ['server.c', 'uring.c'].map((name) => path.join(here, name));
  await promisify(execFile)('gcc', ['-static', '-o', path.join(programs.folder, 'static'), ...sources]);
  const answers = await answersOf(
    programs,
    `$preloaded "$folder/static" epoll 2 127.0.0.1 8000 & server=$!
until_true listens 8000
ask 127.0.0.1 8000 0 8 100
queues 8000 1 || exit 7
kill $server; wait $server`,
  );
  t.deepEqual(answers.map(failures), [0]);
});

test.serial('accept is interrupted by signals and times out as it does without the library', async (t) => {
  const lines = await said(`
import signal, struct, time, ctypes
libc = ctypes.CDLL(None, use_errno=True)
s = socket(); s.bind(('127.0.0.1', 0)); s.listen(64)
if os.fork() == 0:
    while True: s.accept()[0].close()
first = True
def wait():
    got = libc.accept(s.fileno(), None, None)
    return 'connection' if got >= 0 else os.strerror(ctypes.get_errno())
def arrange(restart):
    signal.signal(signal.SIGALRM, lambda *_: None); signal.siginterrupt(signal.SIGALRM, not restart)
    signal.set_wakeup_fd(-1); signal.setitimer(signal.ITIMER_REAL, 0.1)
time.sleep(0.1)
arrange(False); print(wait())
s.setsockopt(SOL_SOCKET, SO_RCVTIMEO, struct.pack('ll', 0, 50000)); print(wait())
os.kill(0, 0)
import subprocess; subprocess.run(['pkill', '-KILL', '-P', str(os.getpid())])`);
  t.deepEqual(
    lines.filter((line) => !line.includes(MINE)),
    ['Interrupted system call', 'Resource temporarily unavailable'],
  );
});
