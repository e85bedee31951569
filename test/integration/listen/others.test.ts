import {mkdir, writeFile} from 'node:fs/promises';
import path from 'node:path';
import test from 'ava';
import {answersOf, buildPrograms, failures, inNetwork, type Programs} from '../../support/listen/programs.ts';

let programs: Programs;

const LIGHTTPD = `server.modules = ("mod_cgi")
server.document-root = "@/root"
server.port = 8000
server.bind = "127.0.0.1"
server.max-worker = 2
server.errorlog = "/run/error.log"
server.pid-file = "/run/lighttpd.pid"
index-file.names = ("index.html")
mimetype.assign = (".html" => "text/html")
`;

const HAPROXY = `global
  nbthread 2
  stats socket /run/haproxy.sock mode 600 level admin expose-fd listeners
defaults
  mode http
  timeout client 5s
  timeout server 5s
  timeout connect 5s
frontend one
  bind 127.0.0.1:8000
  http-request return status 200 content-type text/plain string "%[pid]"
`;

test.before(async () => {
  programs = await buildPrograms();
  const at = (name: string): string => path.join(programs.folder, name);
  await mkdir(at('root'));
  await writeFile(at('root/index.html'), 'here');
  await writeFile(at('lighttpd.conf'), LIGHTTPD.replace('@', programs.folder));
  await writeFile(at('haproxy.cfg'), HAPROXY);
});

test.after.always(async () => programs.remove());

const accepting = `
# How many connections a process has accepted, by the socket inodes that it has held: told by strace.
accepted() { grep -c 'accept4\\?(.*) = [0-9]' /run/trace.$1; }
`;

test.serial('lighttpd: each worker serves the connections of one CPU', async (t) => {
  const said = await inNetwork(
    programs,
    `${accepting}
$preloaded lighttpd -D -f $folder/lighttpd.conf 2>/dev/null & server=$!
until_true listens 8000
ask 127.0.0.1 8000 0 4 60 >/dev/null; ask 127.0.0.1 8000 1 4 60 >/dev/null
workers=$(pgrep -P $server)
for pid in $workers; do strace -q -e trace=accept,accept4 -o /run/trace.$pid -p $pid & done
sleep 0.5
before=0
for cpu in 0 1; do
  ask 127.0.0.1 8000 $cpu 4 100
  sleep 0.2
  for pid in $workers; do echo "cpu $cpu runs $(taskset -pc $pid | sed 's/.*: //') accepted $(accepted $pid)"; done
done
kill $server; wait $server`,
  );
  const answers = said.lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as {ok: number});
  t.deepEqual(
    answers.map(({ok}) => ok),
    [100, 100],
    said.errors,
  );
  const counts = said.lines.filter((line) => line.startsWith('cpu')).toSorted();
  t.deepEqual(
    counts,
    ['cpu 0 runs 0 accepted 100', 'cpu 0 runs 1 accepted 0', 'cpu 1 runs 0 accepted 100', 'cpu 1 runs 1 accepted 100'],
    said.errors,
  );
});

test.serial('lighttpd: ten killed workers leave nobody waiting', async (t) => {
  const answers = await answersOf(
    programs,
    `$preloaded lighttpd -D -f $folder/lighttpd.conf 2>/dev/null & server=$!
until_true listens 8000
ask 127.0.0.1 8000 0 8 0 3 & first=$!
ask 127.0.0.1 8000 1 8 0 3 & second=$!
for turn in 1 2 3 4 5 6 7 8 9 10; do sleep 0.2; kill -KILL $(pgrep -n -P $server); done
wait $first; wait $second
kill $server; wait $server`,
  );
  for (const {late, refused, ok} of answers) t.true(late === 0 && refused === 0 && ok > 100, JSON.stringify(answers));
  t.true(answers.map(failures).reduce((sum, one) => sum + one, 0) <= 10 * 16);
});

test.serial('haproxy with threads and its seamless reload is left alone', async (t) => {
  const answers = await answersOf(
    programs,
    `$preloaded haproxy -db -f $folder/haproxy.cfg >/dev/null 2>/run/said & server=$!
until_true listens 8000
before=$(ss -Htln | wc -l)
ask 127.0.0.1 8000 0 8 0 3 & first=$!
ask 127.0.0.1 8000 1 8 0 3 & second=$!
sleep 1
$preloaded haproxy -db -f $folder/haproxy.cfg -x /run/haproxy.sock -sf $server >/dev/null 2>>/run/said & next=$!
wait $first; wait $second
[ $(ss -Htln | wc -l) -le $((before * 2)) ] || exit 6
! grep -q 'serving CPU' /run/said || exit 7
kill $next; wait $next 2>/dev/null; true`,
  );
  t.is(answers.length, 2);
  for (const answer of answers) t.is(failures(answer), 0, JSON.stringify(answers));
});
