import test from 'ava';
import {
  answersOf,
  buildPrograms,
  failures,
  inNetwork,
  workersOf,
  type Programs,
} from '../../support/listen/programs.ts';

let programs: Programs;

test.before(async () => {
  programs = await buildPrograms();
});

test.after.always(async () => programs.remove());

/** A server of two workers, given time to settle, then 100 questions from each CPU. */
const served = (how: string, address: string, options: string, steering = ''): string => `
export LINERATE_LISTEN_STEER=${steering}
$preloaded "$folder/server" ${how} 2 ${address} 8000 ${options} 2>/dev/null & server=$!
until_true listens 8000
for round in 1 2 3; do ask ${address} 8000 0 4 40 >/dev/null; ask ${address} 8000 1 4 40 >/dev/null; done
ask ${address} 8000 0 8 100
ask ${address} 8000 1 8 100
kill $server; wait $server`;

for (const how of ['epoll', 'exclusive', 'edge', 'oneshot'])
  for (const [address, steering] of [
    ['127.0.0.1', 'sockets'],
    ['::1', 'array'],
  ] as const)
    test.serial(
      `workers without privileges that wait by ${how} on ${address} serve the CPU that they run on, steered by ${steering}`,
      async (t) => {
        const answers = await answersOf(programs, served(how, address, 'drop', steering));
        const pids = new Set<string>();
        for (const [cpu, answer] of answers.entries()) {
          t.deepEqual({ok: answer.ok, failures: failures(answer)}, {ok: 100, failures: 0});
          const [one, ...others] = workersOf(answer);
          t.deepEqual(others, []);
          t.like(one, {connection: String(cpu), worker: String(cpu)});
          pids.add(one?.pid ?? '');
        }
        t.is(pids.size, 2);
      },
    );

for (const options of ['dup', 'dup2', 'dup3', 'dupfd', 'sweep', 'ranges', 'sweep dup drop'])
  test.serial(`workers that do ${options} to their descriptors serve their CPU`, async (t) => {
    const answers = await answersOf(programs, served('epoll', '127.0.0.1', options));
    for (const [cpu, answer] of answers.entries())
      t.deepEqual(
        workersOf(answer).map(({connection, worker, count}) => ({connection, worker, count})),
        [{connection: String(cpu), worker: String(cpu), count: 100}],
      );
  });

for (const how of ['poll', 'select', 'accept', 'raw', 'uring'])
  test.serial(`workers that wait by ${how} get every connection`, async (t) => {
    const answers = await answersOf(programs, served(how, '127.0.0.1', 'drop'));
    t.deepEqual(
      answers.map((answer) => ({ok: answer.ok, failures: failures(answer)})),
      [
        {ok: 100, failures: 0},
        {ok: 100, failures: 0},
      ],
    );
  });

for (const options of ['threads', 'seccomp', 'filtered', 'first-raw', 'first-raw threads'])
  for (const how of ['epoll', 'accept'])
    test.serial(`workers with ${options} that wait by ${how} get every connection`, async (t) => {
      const answers = await answersOf(programs, served(how, '127.0.0.1', options));
      for (const answer of answers) t.deepEqual({ok: answer.ok, failures: failures(answer)}, {ok: 100, failures: 0});
    });

test.serial('one worker, and more workers than CPUs, get every connection', async (t) => {
  for (const workers of [1, 3, 5]) {
    const script = served('epoll', '127.0.0.1', '').replace('epoll 2', `epoll ${String(workers)}`);
    const answers = await answersOf(programs, script);
    for (const answer of answers) t.deepEqual({ok: answer.ok, failures: failures(answer)}, {ok: 100, failures: 0});
  }
});

test.serial('threads of a worker run on all CPUs', async (t) => {
  const said = await inNetwork(
    programs,
    `$preloaded "$folder/server" epoll 2 127.0.0.1 8000 threads 2>/dev/null & server=$!
until_true listens 8000; until_true queues 8000 3
for task in $(pgrep -P $server); do grep -h Cpus_allowed_list /proc/$task/task/*/status; done | sort -u
kill $server; wait $server`,
  );
  t.deepEqual(said.lines, ['Cpus_allowed_list:\t0-1'], said.errors);
});
