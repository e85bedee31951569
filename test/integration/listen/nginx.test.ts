import {writeFile} from 'node:fs/promises';
import path from 'node:path';
import test from 'ava';
import {answersOf, buildPrograms, failures, type Answers, type Programs} from '../../support/listen/programs.ts';

let programs: Programs;

const CONFIGURATION = `worker_processes 2;
pid /run/nginx.pid;
error_log /run/error.log notice;
events {worker_connections 512;}
http {
  access_log off;
  client_body_temp_path /run/t; proxy_temp_path /run/t; fastcgi_temp_path /run/t; uwsgi_temp_path /run/t; scgi_temp_path /run/t;
  server {listen 8000; listen [::]:8000 deferred; location / {return 200 "$pid";}}
}
`;

test.before(async () => {
  programs = await buildPrograms();
  await writeFile(path.join(programs.folder, 'nginx.conf'), CONFIGURATION);
});

test.after.always(async () => programs.remove());

const started = (preload: '$preloaded' | ''): string => `
configuration=$folder/nginx.conf
nginx_does() { /usr/sbin/nginx -c $configuration "$@" 2>/dev/null; }
workers() { pgrep -f '^nginx: worker process$'; }
waiting() { [ "$(ss -Htln 'sport = :8000' | awk '{n += $2} END {print n}')" -ge $1 ]; }
${preload} /usr/sbin/nginx -c $configuration
until_true listens 8000
for round in 1 2 3; do for address in 127.0.0.1 ::1; do ask $address 8000 0 4 40; ask $address 8000 1 4 40; done; done >/dev/null
`;

const UNDER_LOAD = `
ask 127.0.0.1 8000 0 8 0 3 & first=$!
ask 127.0.0.1 8000 1 8 0 3 & second=$!
`;

const total = (answers: readonly Answers[], of: (each: Answers) => number): number =>
  answers.reduce((sum, each) => sum + of(each), 0);

test.serial('each worker serves the connections of the CPU that it runs on', async (t) => {
  const answers = await answersOf(
    programs,
    `${started('$preloaded')}
for address in 127.0.0.1 ::1; do ask $address 8000 0 8 300; ask $address 8000 1 8 300; done
for pid in $(workers); do echo "{\\"texts\\":{\\"$pid $(taskset -pc $pid | sed 's/.*: //')\\":1}}"; done
nginx_does -s quit`,
  );
  const affinities = new Map(
    answers.slice(4).map(({texts}) => Object.keys(texts).join().split(' ') as [string, string]),
  );
  for (const [place, answer] of answers.slice(0, 4).entries()) {
    t.is(failures(answer), 0);
    const pids = Object.keys(answer.texts);
    t.is(pids.length, 1, JSON.stringify(answer));
    t.is(affinities.get(pids.join()), String(place % 2));
  }
});

for (const [what, preload] of [
  ['with the library', '$preloaded'],
  ['plain', ''],
] as const) {
  test.serial(`ten reloads lose no connection (${what})`, async (t) => {
    const answers = await answersOf(
      programs,
      `${started(preload)}${UNDER_LOAD}
for turn in 1 2 3 4 5 6 7 8 9 10; do sleep 0.2; nginx_does -s reload; done
wait $first; wait $second
nginx_does -s quit`,
    );
    t.is(total(answers, failures), 0, JSON.stringify(answers));
    t.true(
      answers.every(({texts}) => Object.keys(texts).length > 4),
      'workers were renewed',
    );
  });

  test.serial(`ten killed workers cost at most what they had open (${what})`, async (t) => {
    const answers = await answersOf(
      programs,
      `${started(preload)}${UNDER_LOAD}
for turn in 1 2 3 4 5 6 7 8 9 10; do sleep 0.2; kill -KILL $(workers | tail -1); done
wait $first; wait $second
nginx_does -s quit`,
    );
    t.is(
      total(answers, ({late, refused}) => late + refused),
      0,
      JSON.stringify(answers),
    );
    // A worker may have all connections of its CPU open, and others that were there before it was alone.
    t.true(total(answers, failures) <= 10 * 16, JSON.stringify(answers));
    t.log(
      `${String(total(answers, failures))} of ${String(total(answers, ({ok}) => ok))} were open as their worker was killed`,
    );
  });
}

test.serial(
  'connections that wait while workers stand still survive a reload, and the killing of all workers',
  async (t) => {
    const answers = await answersOf(
      programs,
      `${started('$preloaded')}
for end in reload kill; do
  kill -STOP $(workers)
  ask 127.0.0.1 8000 0 40 40 & first=$!
  ask 127.0.0.1 8000 1 40 40 & second=$!
  until_true waiting 80
  old=$(workers)
  if [ $end = kill ]; then kill -KILL $old; else nginx_does -s reload; sleep 0.5; kill -CONT $old; fi
  wait $first; wait $second
done
nginx_does -s quit`,
    );
    t.is(answers.length, 4);
    for (const answer of answers) t.deepEqual({ok: answer.ok, failures: failures(answer)}, {ok: 40, failures: 0});
  },
);

test.serial('after reloads and kills each CPU has its worker again', async (t) => {
  const answers = await answersOf(
    programs,
    `${started('$preloaded')}
for turn in 1 2 3; do
  kill -KILL $(workers | tail -1); nginx_does -s reload; sleep 0.4
  for round in 1 2 3; do ask 127.0.0.1 8000 0 4 40; ask 127.0.0.1 8000 1 4 40; done >/dev/null
  ask 127.0.0.1 8000 0 8 100; ask 127.0.0.1 8000 1 8 100
done
nginx_does -s quit`,
  );
  for (let turn = 0; turn < 3; turn++) {
    const pids = answers.slice(turn * 2, turn * 2 + 2).map(({texts}) => Object.keys(texts));
    t.is(pids.flat().length, 2, JSON.stringify(pids));
    t.is(new Set(pids.flat()).size, 2);
  }
});

for (const migrate of ['0', '1'])
  test.serial(`an upgrade to a program without the library loses nothing (tcp_migrate_req ${migrate})`, async (t) => {
    const answers = await answersOf(
      programs,
      `echo ${migrate} >/proc/sys/net/ipv4/tcp_migrate_req
${started('$preloaded')}${UNDER_LOAD}
old=$(cat /run/nginx.pid)
sleep 0.5; kill -USR2 $old
until_true test -e /run/nginx.pid.oldbin; until_true test -s /run/nginx.pid; sleep 0.5
kill -WINCH $old; sleep 0.7
kill -QUIT $old
wait $first; wait $second
! grep -q linerate /proc/$(cat /run/nginx.pid)/maps || exit 5
nginx_does -s quit`,
    );
    t.is(total(answers, failures), 0, JSON.stringify(answers));
  });

test.serial(
  "a second server on the same port still learns that it is taken, and nginx' own reuseport stays its own",
  async (t) => {
    await t.throwsAsync(
      answersOf(
        programs,
        `${started('$preloaded')}
$preloaded "$folder/server" epoll 2 127.0.0.1 8000`,
      ),
      {message: /Address already in use/},
    );
    const answers = await answersOf(
      programs,
      `sed 's/listen 8000;/listen 8000 reuseport;/; s/listen \\[::\\]:8000 deferred;//' $folder/nginx.conf >/run/nginx.conf
configuration=/run/nginx.conf
LD_PRELOAD=$library /usr/sbin/nginx -c /run/nginx.conf
until_true listens 8000
queues 8000 2 || exit 7
ask 127.0.0.1 8000 0 8 100; ask 127.0.0.1 8000 1 8 100
/usr/sbin/nginx -c /run/nginx.conf -s quit 2>/dev/null`,
    );
    t.is(total(answers, failures), 0);
  },
);
