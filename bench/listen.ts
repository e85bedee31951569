// What per-CPU accept queues bring: nginx plain, under the listen library, and with its own `reuseport`, many short connections
// from every CPU, in turns in one run. As root: node bench/listen.ts [--rounds 7] [--count 20000] [--parallel 32]
import {writeFile} from 'node:fs/promises';
import {cpus, loadavg} from 'node:os';
import path from 'node:path';
import {parseArgs} from 'node:util';
import {buildPrograms, failures, inNetwork, type Answers, type Programs} from '../test/support/listen/programs.ts';
import {median} from './measure.ts';

const TICK_US = 10_000;

type Way = {what: string; listen: string; pinned: boolean; preload: boolean};

const WAYS: readonly Way[] = [
  {what: 'nginx, one listener', listen: '', pinned: false, preload: false},
  {what: 'nginx, one listener, workers pinned', listen: '', pinned: true, preload: false},
  {what: 'nginx, its own reuseport, workers pinned', listen: 'reuseport', pinned: true, preload: false},
  {what: 'nginx under liblinerate-listen', listen: '', pinned: false, preload: true},
];

const configuration = ({listen, pinned}: Way): string => `worker_processes ${String(cpus().length)};
${pinned ? 'worker_cpu_affinity auto;' : ''}
pid /run/nginx.pid;
error_log /run/error.log;
events {worker_connections 4096;}
http {
  access_log off;
  client_body_temp_path /run/t; proxy_temp_path /run/t; fastcgi_temp_path /run/t; uwsgi_temp_path /run/t; scgi_temp_path /run/t;
  server {listen 8000 backlog=4096 ${listen}; location / {return 200 "$pid";}}
}
`;

/** Connections a second from all CPUs together; CPU time of the server a connection, in µs; the share that met a worker of their CPU. */
type Result = {rate: number; serverUs: number; local: number};

const script = (way: Way, count: number, parallel: number): string => `
${way.preload ? '$preloaded' : ''} /usr/sbin/nginx -c "$folder/nginx.conf"
until_true listens 8000
all() { for cpu in ${cpus()
  .map((_, cpu) => String(cpu))
  .join(
    ' ',
  )}; do ask 127.0.0.1 8000 $cpu ${String(parallel)} $1 & clients="$clients $!"; done; wait $clients; clients=; }
clients=
all 500 >/dev/null
ticks() { cat /proc/$(cat /run/nginx.pid)/stat $(pgrep -f '^nginx: worker process$' | sed 's|.*|/proc/&/stat|') | awk '{n += $14 + $15} END {print n}'; }
before=$(ticks)
all ${String(count)}
echo "ticks $(($(ticks) - before))"
/usr/sbin/nginx -c "$folder/nginx.conf" -s quit 2>/dev/null`;

/** Of the connections of each CPU, those that its most frequent worker answered. */
const localOf = (answers: readonly Answers[]): number => {
  const most = answers.map(({texts}) => Math.max(...Object.values(texts)));
  return most.reduce((sum, one) => sum + one, 0) / answers.reduce((sum, {ok}) => sum + ok, 0);
};

const run = async (programs: Programs, way: Way, count: number, parallel: number): Promise<Result> => {
  await writeFile(path.join(programs.folder, 'nginx.conf'), configuration(way));
  const {status, lines, errors} = await inNetwork(programs, script(way, count, parallel));
  const answers = lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as Answers);
  const ticks = Number(lines.find((line) => line.startsWith('ticks '))?.slice('ticks '.length));
  if (status !== 0 || answers.some((answer) => failures(answer) > 0) || Number.isNaN(ticks))
    throw new Error(`${way.what}: status ${String(status)}: ${errors}${lines.join('\n')}`);
  const connections = answers.reduce((sum, {ok}) => sum + ok, 0);
  const slowest = Math.max(...answers.map(({ms}) => ms));
  return {
    rate: (connections / slowest) * 1000,
    serverUs: (ticks * TICK_US) / connections,
    local: localOf(answers),
  };
};

const {values} = parseArgs({
  options: {
    rounds: {type: 'string', default: '7'},
    count: {type: 'string', default: '20000'},
    parallel: {type: 'string', default: '32'},
  },
});

const programs = await buildPrograms('-O2');
try {
  const results = WAYS.map((): Result[] => []);
  for (let round = 0; round < Number(values.rounds); round++)
    for (const [place, way] of WAYS.entries())
      results[place]?.push(await run(programs, way, Number(values.count), Number(values.parallel)));
  const middle = results.map((all) => ({
    rate: median(all.map(({rate}) => rate)),
    serverUs: median(all.map(({serverUs}) => serverUs)),
    local: median(all.map(({local}) => local)),
  }));
  const [plain] = middle;
  if (!plain) throw new Error('nothing was measured');
  console.log(
    `${String(cpus().length)} CPUs, load ${String(loadavg()[0]?.toFixed(1))}, medians of ${values.rounds} rounds`,
  );
  for (const [place, {rate, serverUs, local}] of middle.entries())
    console.log(
      `${(WAYS[place]?.what ?? '').padEnd(44)} ${rate.toFixed(0).padStart(7)} connections/s (${(rate / plain.rate).toFixed(2)})` +
        `  ${serverUs.toFixed(1).padStart(6)} µs of server CPU each (${(serverUs / plain.serverUs).toFixed(2)})` +
        `  ${(local * 100).toFixed(0).padStart(3)} % on their CPU`,
    );
  const [own, library] = middle.slice(2);
  if (own && library)
    console.log(
      `the library against nginx' own reuseport: ${(library.rate / own.rate).toFixed(2)} of its rate, ${(library.serverUs / own.serverUs).toFixed(2)} of its server CPU`,
    );
} finally {
  await programs.remove();
}
