// What provisioning costs: linerate against the floor (plain ssh that writes the same and looks again over a second
// login) and against Ansible, in one run on hosts in network namespaces of this machine.
// As root: node bench/apply.ts [--hosts 20] [--runs 3] [--no-ansible]
import {writeFile} from 'node:fs/promises';
import {cpus, loadavg} from 'node:os';
import path from 'node:path';
import {setTimeout as pause} from 'node:timers/promises';
import {parseArgs} from 'node:util';
import type {Connection} from '../engine/effects/connection.ts';
import {connect} from '../engine/effects/connections/connect.ts';
import {OWN} from '../engine/facts/own-files.ts';
import {shellQuote} from '../engine/model/shell.ts';
import {startLab, type Lab} from '../test/support/lab/lab.ts';
import {ansibleApply} from './ansible.ts';
import {RECIPE_FILES} from './files.ts';
import {rounds, type Command, type Cost} from './measure.ts';
import {MORE_SYSCTLS, SYSCTLS} from './sysctls.ts';

const LINERATE = path.join(import.meta.dirname, '../linerate');

const ALL = new Map([...SYSCTLS, ...MORE_SYSCTLS]);

/** What makes linerate write a file of its own beside that of the sysctls. */
const LIMITS = {'limit nofile': '1048575', 'limit memlock': '1048576'};

const RECIPE = path.join(import.meta.dirname, 'recipe.ts');

const FILES = [OWN.sysctls, OWN.limits, ...RECIPE_FILES.keys()];

const FOLDERS = [...new Set([...RECIPE_FILES.keys()].map((file) => path.dirname(file)))];

const pathOf = (name: string): string => `/proc/sys/${name.replaceAll('.', '/')}`;

type Bench = {lab: Lab; connections: readonly Connection[]};

const onAll = async ({connections}: Bench, script: string): Promise<readonly string[]> =>
  Promise.all(connections.map(async (connection) => (await connection.run(script)).stdout));

/** Text that writes these values. */
const writes = (values: ReadonlyMap<string, string>): string =>
  [...values].map(([name, value]) => `echo ${shellQuote(value)} >${pathOf(name)}\n`).join('');

const valuesOf = async (bench: Bench): Promise<readonly ReadonlyMap<string, string>[]> => {
  const names = [...ALL.keys()];
  const told = await onAll(bench, `cat ${names.map(pathOf).join(' ')}`);
  return told.map((text) => {
    const lines = text.trim().split('\n');
    return new Map(names.map((name, place) => [name, (lines[place] ?? '').split(/\s+/).join(' ')]));
  });
};

const TICKS_PER_SECOND = 100;

/** What a run leaves behind for a moment, its watch, counts once it is gone. */
const SETTLE_MS = 4000;

/** CPU seconds of all that the hosts have run and waited for: of their first process, which is parent to all in the end. */
const hostSeconds = async (bench: Bench): Promise<number> => {
  await pause(SETTLE_MS);
  const told = await onAll(bench, 'cat /proc/1/stat');
  const ticks = told.map((stat) => {
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  });
  return ticks.reduce((sum, one) => sum + one, 0) / TICKS_PER_SECOND;
};

/** Takes everything back that a first run did. */
const resetter = async (bench: Bench): Promise<() => Promise<void>> => {
  const [first] = await valuesOf(bench);
  if (!first) throw new Error('there is no host');
  const script = `${writes(first)}rm -rf ${[...FILES, ...FOLDERS].join(' ')} /etc/sysctl.d/90-bench.conf /var/lib/linerate/*`;
  return async () => void (await onAll(bench, script));
};

/** Throws unless every host holds every value and has every file. */
const demandDone = async (bench: Bench): Promise<void> => {
  for (const [host, values] of (await valuesOf(bench)).entries())
    for (const [name, want] of ALL)
      if (values.get(name) !== want)
        throw new Error(`host ${String(host)}: ${name} is ${values.get(name) ?? ''}, not ${want}`);
  for (const counted of await onAll(bench, `ls -d ${FILES.join(' ')} | wc -l`))
    if (Number(counted) !== FILES.length) throw new Error(`only ${counted.trim()} files were written`);
};

/** What linerate's files hold once it has written them: the peers write the very same. */
const filesOf = async (bench: Bench): Promise<ReadonlyMap<string, string>> => {
  const [connection] = bench.connections;
  if (!connection) throw new Error('there is no host');
  const texts = new Map<string, string>();
  for (const file of FILES) texts.set(file, (await connection.run(`cat ${file}`)).stdout);
  return texts;
};

const linerate = async ({lab}: Bench): Promise<Command> => {
  const settings: Record<string, string> = {...LIMITS};
  for (const [name, value] of ALL) settings[`sysctl ${name.replaceAll('.', '/')}`] = value;
  const file = path.join(lab.folder, 'settings.json');
  await writeFile(file, JSON.stringify({linerate_settings: settings}));
  return {argv: [LINERATE, 'apply', '--yes', '-r', RECIPE, '-i', lab.inventoryPath, '-e', `@${file}`, '-f', '100']};
};

/** Plain ssh to all hosts at once, each running these scripts one after the other over logins of their own. */
const plain = async ({lab}: Bench, name: string, scripts: readonly string[]): Promise<Command> => {
  const files = scripts.map((_, place) => path.join(lab.folder, `${name}-${String(place)}.sh`));
  for (const [place, script] of scripts.entries()) await writeFile(files[place] ?? '', script);
  const logins = files.map((file) => `ssh -T -o BatchMode=yes -F ${lab.sshConfigPath} $h sh -s <${file}`);
  const hosts = lab.hosts.map((host) => host.name).join(' ');
  return {argv: ['sh', '-c', `for h in ${hosts}; do { ${logins.join(' && ')}; } & done; wait`]};
};

const comparison = async (bench: Bench, runs: number, ansible: boolean): Promise<{first: Row[]; second: Row[]}> => {
  const {lab} = bench;
  const before = await resetter(bench);
  const after = async (): Promise<void> => demandDone(bench);
  const apply = await linerate(bench);
  await rounds([{...apply, after}], 1);
  const files = await filesOf(bench);
  const folders = `mkdir -p ${FOLDERS.join(' ')}\n`;
  const puts = folders + [...files].map(([file, text]) => `cat >${file} <<'END'\n${text}END\n`).join('');
  const floor = await plain(bench, 'floor', [writes(ALL) + puts, `cat ${[...ALL.keys()].map(pathOf).join(' ')}`]);
  const login = await plain(bench, 'login', ['']);
  const meter = async (): Promise<number> => hostSeconds(bench);
  const idle = {meter, after};
  const [nothing, again] = await rounds(
    [
      {...login, meter},
      {...apply, ...idle},
    ],
    runs,
  );
  const fresh = {meter, before, after};
  const [least, ours] = await rounds(
    [
      {...floor, ...fresh},
      {...apply, ...fresh},
    ],
    runs,
  );
  if (!nothing || !again || !least || !ours) throw new Error('nothing was measured');
  const first: Row[] = [
    {what: 'floor: ssh HOST sh -s < writes, and once more to look', cost: least},
    {what: 'linerate apply --yes', cost: ours},
  ];
  if (ansible) {
    const where = {folder: lab.folder, inventory: lab.inventoryPath, forks: lab.hosts.length};
    const peer = await ansibleApply(where, ALL, files);
    // Its connections stay, and with them what its hosts have spent.
    const [cost] = await rounds([{...peer, before, after}], 1);
    if (cost) first.push({what: `ansible-playbook, ${String(ALL.size)} sysctls in a loop and as many files`, cost});
  }
  const second = [
    {what: 'floor: ssh HOST sh -s </dev/null', cost: nothing},
    {what: 'linerate apply --yes', cost: again},
  ];
  return {first, second};
};

type Row = {what: string; cost: Cost};

const table = (title: string, rows: readonly Row[]): string => {
  const [floor, ours] = rows;
  const shown = (number: number, unit = ''): string => (Number.isNaN(number) ? '–' : `${number.toFixed(2)}${unit}`);
  const of = (one: number, other = Number.NaN): string => shown(one / other, '×');
  const all = (cost: Cost | undefined): number => (cost ? cost.cpu + cost.hosts : Number.NaN);
  return [
    `| ${title} | wall s | controller CPU s | hosts’ CPU s | wall, of the floor | CPU, of the floor | wall, of linerate |`,
    '|---|--:|--:|--:|--:|--:|--:|',
    ...rows.map(({what, cost}) => {
      const seconds = [cost.wall, cost.cpu, cost.hosts].map((number) => shown(number));
      const ratios = [of(cost.wall, floor?.cost.wall), of(all(cost), all(floor?.cost)), of(cost.wall, ours?.cost.wall)];
      return `| ${[what, ...seconds, ...ratios].join(' | ')} |`;
    }),
  ].join('\n');
};

const main = async (): Promise<void> => {
  const {values} = parseArgs({
    options: {
      hosts: {type: 'string', default: '20'},
      runs: {type: 'string', default: '3'},
      'no-ansible': {type: 'boolean', default: false},
    },
  });
  const lab = await startLab({hosts: Number(values.hosts)});
  const connections = lab.hosts.map(({target}) => connect(target));
  try {
    const {first, second} = await comparison({lab, connections}, Number(values.runs), !values['no-ansible']);
    console.log(
      `${values.hosts} hosts in network namespaces of one machine (${String(cpus().length)} × ${cpus()[0]?.model ?? 'CPU'}), ` +
        `${String(ALL.size)} sysctls and ${String(FILES.length)} files:\n`,
    );
    console.log(`${table('first run', first)}\n\n${table('second run, with nothing to change', second)}`);
    console.log(`\nload average at the end: ${(loadavg()[0] ?? 0).toFixed(1)}`);
  } finally {
    await Promise.all(connections.map(async (connection) => connection.close()));
    await lab.stop();
  }
};

await main();
