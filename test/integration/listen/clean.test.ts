import test from 'ava';
import {answersOf, buildPrograms, failures, type Programs} from '../../support/listen/programs.ts';

let plain: Programs;
let sanitized: Programs;

test.before(async () => {
  plain = await buildPrograms();
  sanitized = await buildPrograms('-O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all');
});

test.after.always(async () => Promise.all([plain.remove(), sanitized.remove()]));

/** Serves, loses a worker, serves on, and ends in good order; both workers must have had a queue of their own. */
const script = (how: string, run: string): string => `
${run} "$folder/server" ${how} 2 127.0.0.1 8000 tidy >/run/said 2>&1 & server=$!
until_true listens 8000
for cpu in 0 1 0 1; do ask 127.0.0.1 8000 $cpu 4 40; done
kill -KILL $(pgrep -n -P $server)
for cpu in 0 1; do ask 127.0.0.1 8000 $cpu 4 40; done
kill -TERM $server
for try in 1 2 3 4 5 6 7 8 9 10; do sleep 0.1; pkill -TERM -P $server || break; done
wait $server || { cat /run/said >&2; exit 1; }
grep -E 'ERROR|runtime error|leaked|definitely lost: [1-9]' /run/said >&2 && exit 1
[ "$(grep -c 'serving CPU' /run/said)" -ge 2 ] || exit 8`;

const CLEAN = [0, 0, 0, 0, 0, 0];

for (const how of ['epoll', 'accept'])
  test.serial(`valgrind finds nothing in workers that wait by ${how}`, async (t) => {
    const run = '$preloaded valgrind -q --leak-check=full --error-exitcode=99';
    const answers = await answersOf(plain, script(how, run));
    t.deepEqual(answers.map(failures), CLEAN);
  });

for (const how of ['epoll', 'poll', 'select', 'accept'])
  test.serial(`the sanitizers find nothing in workers that wait by ${how}`, async (t) => {
    const runtimes = '$(gcc -print-file-name=libasan.so):$(gcc -print-file-name=libubsan.so)';
    const run = `env LINERATE_LISTEN_VERBOSE=1 LD_PRELOAD=${runtimes}:$library`;
    const answers = await answersOf(sanitized, script(how, run));
    t.deepEqual(answers.map(failures), CLEAN);
  });
