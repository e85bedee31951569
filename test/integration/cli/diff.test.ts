import {readFileSync, statSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import test from 'ava';
import type {Plan} from '../../../engine/model/setting.ts';
import {linerate, recordHost, temporaryFolder} from '../../support/cli.ts';
import {specOf} from '../../support/generated/fixtures.ts';
import type {HostSpec} from '../../support/generated/spec.ts';

const folder = temporaryFolder();

const spec = (name: string): HostSpec => {
  const host = specOf(name);
  if (host === undefined) throw new Error(`there is no generated host ${name}`);
  return host;
};

const ena = recordHost(folder, 'ena', spec('ec2-ena'));

type Json = {hosts: {host: string; outcome: string; plan: Plan}[]};

test('this machine, without an inventory: a diff on standard output and nothing else', async (t) => {
  const {status, stdout, stderr} = await linerate(['diff']);
  t.is(status, 0, stderr);
  t.regex(stdout, /^localhost {2}balanced · /);
  t.regex(stdout, /\nRECAP\nlocalhost : ok=\d+/);
  t.is(stderr, '');
});

test('without root it reads what it can and says so', async (t) => {
  // A user namespace without a map: no capability and another uid, wherever this checkout lies.
  const {status, stdout, stderr} = await linerate(['diff'], {under: ['unshare', '--user']});
  t.is(status, 0, stderr);
  t.regex(stdout, /read without root/);
});

test('--json is one document, the same plan that --out saves, private to the user', async (t) => {
  const out = path.join(folder, 'plan.json');
  const {status, stdout} = await linerate(['diff', '--recording', ena, '-w', 'throughput', '--json', '--out', out]);
  t.is(status, 0);
  const printed = JSON.parse(stdout) as Json;
  const saved = JSON.parse(readFileSync(out, 'utf8')) as {format: string; plans: (Plan & {digest: string})[]};
  t.is(saved.format, 'linerate-plan');
  t.regex(saved.plans[0]?.digest ?? '', /^[0-9a-f]{64}$/);
  const {digest: _, ...plan} = saved.plans[0] ?? {digest: ''};
  t.deepEqual(plan as Plan, printed.hosts[0]?.plan);
  t.is(statSync(out).mode & 0o777, 0o600);
  t.true(printed.hosts[0]?.plan.settings.every((setting) => setting.why !== '' && setting.source !== ''));
});

test('--exit-code is 10 when changes are pending', async (t) => {
  t.is((await linerate(['diff', '--recording', ena, '-w', 'latency', '--exit-code'])).status, 10);
});

test('colours only where they are wanted', async (t) => {
  const plain = await linerate(['diff', '--recording', ena]);
  const forced = await linerate(['diff', '--recording', ena], {env: {FORCE_COLOR: '1'}});
  const never = await linerate(['diff', '--recording', ena], {env: {FORCE_COLOR: '1', NO_COLOR: '1'}});
  t.false(plain.stdout.includes('\u001b'));
  t.true(forced.stdout.includes('\u001b[31m'));
  t.false(never.stdout.includes('\u001b'));
});

test('-v tells why and who says so for each value', async (t) => {
  const {stdout} = await linerate(['diff', '--recording', ena, '-v']);
  const rows = stdout.split('\n').filter((line) => /^ {4}[~+] /.test(line));
  t.true(rows.length > 3);
  t.is(stdout.split('\n').filter((line) => /^ {8}why /.test(line)).length, rows.length);
  t.is(stdout.split('\n').filter((line) => /^ {8}says /.test(line)).length, rows.length);
});

test('equal hosts are one group, an outlier is told by what sets it apart, failures hide nobody', async (t) => {
  const inventory = path.join(folder, 'fleet.ini');
  const odd = recordHost(folder, 'odd', {...spec('ec2-ena'), sysctls: {'net/core/somaxconn': '128'}});
  const hosts = Array.from({length: 12}, (_, index) => `web${String(index + 1).padStart(2, '0')} ansible_host=${ena}`);
  writeFileSync(
    inventory,
    [
      '[web]',
      ...hosts,
      `web13 ansible_host=${odd}`,
      `web14 ansible_host=${folder}/none.rec`,
      '[web:vars]',
      'ansible_connection=linerate_recording',
    ].join('\n'),
  );
  const {status, stdout, stderr} = await linerate(['diff', '-i', inventory]);
  t.regex(stdout, /^web\[01:12\] \(12 hosts\) /);
  t.regex(stdout, /\nweb13 .*\n {2}as web\[01:12\] in \d+ changes, but for:\n/);
  t.regex(stdout, /net\.core\.somaxconn\s+128\s/);
  t.regex(stderr, /^error: .*none\.rec.*no such file/);
  t.is(stdout.split('\n').filter((line) => /^web\d\d +: ok=/.test(line)).length, 14);
  t.not(status, 0);
});

test('--ndjson is one line a host', async (t) => {
  const {stdout} = await linerate([
    'diff',
    '--recording',
    ena,
    '--recording',
    path.join(folder, 'ena.rec'),
    '--ndjson',
  ]);
  const lines = stdout.trim().split('\n');
  t.deepEqual(
    lines.map((line) => (JSON.parse(line) as {host: string}).host),
    ['ena'],
  );
});

test('selectors on facts choose hosts by what they are', async (t) => {
  const inventory = path.join(folder, 'mixed.ini');
  const mlx5 = recordHost(folder, 'mlx5', spec('mlx5-100g'));
  writeFileSync(
    inventory,
    `a ansible_host=${ena}\nb ansible_host=${mlx5}\n[all:vars]\nansible_connection=linerate_recording\n`,
  );
  const {stdout, stderr} = await linerate(['diff', '-i', inventory, '-l', 'nic=mlx5_core', '--json']);
  t.is(stderr, '');
  t.deepEqual(
    (JSON.parse(stdout) as Json).hosts.map(({host}) => host),
    ['b'],
  );
});

test('an inventory variable wins and is named', async (t) => {
  const {stdout, stderr} = await linerate([
    'diff',
    '--recording',
    ena,
    '--json',
    '-e',
    '{"linerate_settings": {"sysctl net.core.somaxconn": 20000, "nic ring.rx": 32768}}',
  ]);
  t.is(stderr, '');
  const settings = (JSON.parse(stdout) as Json).hosts[0]?.plan.settings ?? [];
  const somaxconn = settings.find(({id}) => id === 'sysctl net/core/somaxconn');
  t.is(somaxconn?.want, '20000');
  t.is(somaxconn?.from.layer, 'inventory');
  const ring = settings.find(({id}) => id === 'nic ens5 ring.rx');
  t.is(ring?.want, '16384');
  t.regex(ring?.limit ?? '', /32768.*16384/);
});
