import test from 'ava';
import {answersOf, buildPrograms, failures, workersOf, type Programs} from '../../support/listen/programs.ts';

let programs: Programs;

test.before(async () => {
  programs = await buildPrograms();
});

test.after.always(async () => programs.remove());

/** Two workers by this wait, which have both served; `$zero` is the one that serves CPU 0. */
const settled = (how: string, options = ''): string => `
export LINERATE_LISTEN_STEER=${how === 'exclusive' ? 'sockets' : ''}
$preloaded "$folder/server" ${how} 2 127.0.0.1 8000 ${options} 2>/run/said & server=$!
until_true listens 8000
for round in 1 2 3; do ask 127.0.0.1 8000 0 4 40; ask 127.0.0.1 8000 1 4 40; done >/dev/null
until_true queues 8000 3
zero=$(sed -n 's/.*\\[\\(.*\\)\\]: serving CPU 0/\\1/p' /run/said | head -1)
waiting() { [ "$(ss -Htln 'sport = :8000' | awk '{n += $2} END {print n}')" -ge $1 ]; }
`;

for (const how of ['epoll', 'exclusive', 'edge'])
  for (const options of ['', 'mourn'])
    test.serial(`what waits for a killed worker is answered by the others (${how} ${options})`, async (t) => {
      const answers = await answersOf(
        programs,
        `${settled(how, options)}
kill -STOP $zero
ask 127.0.0.1 8000 0 60 60 & client=$!
until_true waiting 60
kill -KILL $zero
wait $client
ask 127.0.0.1 8000 0 8 100
ask 127.0.0.1 8000 1 8 100
kill $server; wait $server`,
      );
      const [waited, ...after] = answers;
      t.like(waited, {ok: 60, late: 0, reset: 0, empty: 0, refused: 0});
      for (const answer of after) t.deepEqual({ok: answer.ok, failures: failures(answer)}, {ok: 100, failures: 0});
      const pids = new Set(after.flatMap((answer) => workersOf(answer).map(({pid}) => pid)));
      t.is(pids.size, options === 'mourn' ? 1 : 2);
    });

test.serial('a stopped worker by accept or poll keeps nothing from the others', async (t) => {
  for (const how of ['poll', 'accept']) {
    const [waited] = await answersOf(
      programs,
      `${settled(how)}
workers=$(pgrep -P $server)
kill -STOP $(echo $workers | cut -d' ' -f1)
ask 127.0.0.1 8000 0 60 60 & client=$!
sleep 0.3
kill -KILL $(echo $workers | cut -d' ' -f1)
wait $client
kill $server; wait $server`,
    );
    t.like(waited, {ok: 60, late: 0, reset: 0, empty: 0, refused: 0}, how);
  }
});

test.serial('ten workers killed under load cost at most what they had open', async (t) => {
  const parallel = 8;
  const answers = await answersOf(
    programs,
    `${settled('epoll')}
ask 127.0.0.1 8000 0 ${String(parallel)} 0 3 & first=$!
ask 127.0.0.1 8000 1 ${String(parallel)} 0 3 & second=$!
for turn in 1 2 3 4 5 6 7 8 9 10; do sleep 0.2; kill -KILL $(pgrep -n -P $server); done
wait $first; wait $second
kill $server; wait $server`,
  );
  // Our server has one connection open at a time.
  const lost = answers.map(failures).reduce((sum, one) => sum + one, 0);
  t.true(lost <= 10, JSON.stringify(answers));
  t.true(answers.every(({late, refused, ok}) => late === 0 && refused === 0 && ok > 100));
});

for (const [what, signal] of [
  ['takes the listener out of its epoll', 'USR1'],
  ['asks its epoll for nothing', 'USR2'],
  ['closes its epoll', 'HUP'],
  ['closes the listener', 'WINCH'],
])
  test.serial(`the queue of a worker who ${what}, and stands still, is everybody's`, async (t) => {
    const answers = await answersOf(
      programs,
      `${settled('epoll')}
kill -STOP $zero
ask 127.0.0.1 8000 0 30 30 & client=$!
until_true waiting 30
kill -${signal} $zero; kill -CONT $zero
wait $client
ask 127.0.0.1 8000 0 4 60
kill -KILL $zero; kill $server; wait $server`,
    );
    t.deepEqual(
      answers.map((answer) => ({ok: answer.ok, failures: failures(answer)})),
      [
        {ok: 30, failures: 0},
        {ok: 60, failures: 0},
      ],
    );
  });
