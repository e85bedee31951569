import {spawnSync} from 'node:child_process';
import test from 'ava';
import fc from 'fast-check';
import {type Facts, factScripts, parseFacts} from '../../../engine/facts/facts.ts';
import {parseFrames} from '../../../engine/facts/frames.ts';
import {probeScript} from '../../../engine/facts/probe.ts';
import {framesOf} from '../../support/host-frames.ts';

const WANTED = {sysctls: ['net/core/somaxconn', 'net/ipv4/conf/*/rp_filter', 'net/ipv4/tcp_none']};
const script = probeScript(factScripts(WANTED), {token: 'TK', root: ''});

const ask = (shell: readonly string[], environment: Readonly<Record<string, string>> = {}): string => {
  const [command = '', ...words] = shell;
  const run = spawnSync(command, words, {input: script, encoding: 'utf8', env: {...process.env, ...environment}});
  if (run.stderr !== '' || run.status !== 0) throw new Error(`${command}: ${run.error?.message ?? run.stderr}`);
  return run.stdout;
};

/** What stays the same from one probe to the next. */
const steady = ({os, platform, cpu, numa, sysctls, boot, modules, power, services, mounts}: Facts): unknown => ({
  platform,
  cpu,
  sysctls,
  boot,
  modules,
  power,
  mounts,
  os: {...os, uptimeSeconds: 0},
  numa: numa.nodes.map(({node, cpus, memoryKb, distances}) => ({node, cpus, memoryKb, distances})),
  files: services.files,
});

// Other tests make interfaces meanwhile.
const APART = ['unshare', '-Urnm'];

test('a whole probe of this machine says the same in every shell', (t) => {
  const [dash, bash, busybox] = [['dash'], ['bash', '--posix'], ['busybox', 'sh']].map((shell) => {
    const frames = parseFrames(ask([...APART, ...shell]), 'TK');
    t.true(frames.complete);
    return parseFacts(frames);
  });
  t.truthy(dash && bash && busybox);
  if (!dash || !bash || !busybox) return;
  t.deepEqual(steady(bash), steady(dash));
  t.deepEqual(steady(busybox), steady(dash));
  t.deepEqual(structuredClone(dash), JSON.parse(JSON.stringify(dash)), 'plain JSON without undefined fields');
  t.true(dash.evidence.seconds >= 0 && dash.cpu.online.length > 0 && dash.numa.memoryKb > 0);
});

test('a probe without root brings back facts, and reasons where it may not look', (t) => {
  const drop = process.getuid?.() === 0 ? ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'] : [];
  const frames = parseFrames(ask([...drop, 'dash']), 'TK');
  t.true(frames.complete);
  const facts = parseFacts(frames);
  t.not(facts.os.user.uid, 0);
  t.regex(JSON.stringify(facts.sysctls.live['net/core/somaxconn']), /value/);
});

test('the connection is known as it was before sudo', (t) => {
  const connection = {SSH_CONNECTION: '192.0.2.1 5000 192.0.2.2 22'};
  const found = (environment: Readonly<Record<string, string>>) =>
    parseFacts(parseFrames(ask(['dash'], environment), 'TK')).os.sshConnection;
  t.deepEqual(found(connection), {clientAddress: '192.0.2.1', serverAddress: '192.0.2.2'});
  t.deepEqual(found({...connection, LR_SSH_CONNECTION: '2001:db8::1 5000 2001:db8::2 22'}), {
    clientAddress: '2001:db8::1',
    serverAddress: '2001:db8::2',
  });
});

test('nothing read, and an answer that is damaged anywhere, still give facts', (t) => {
  t.notThrows(() => parseFacts(framesOf({})));
  const lines = ask(['dash']).split('\n');
  const damage = fc.constantFrom(
    '',
    'TK',
    'TK file',
    'TK many',
    'TK run x',
    ':',
    '[',
    '-1',
    '99999999999999999999',
    '\0',
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(lines.length - 1), damage), {maxLength: 20}), (places) => {
      const damaged = [...lines];
      for (const [place, text] of places) damaged[place] = text;
      t.notThrows(() => parseFacts(parseFrames(damaged.join('\n'), 'TK')));
    }),
    {numRuns: 60},
  );
});
