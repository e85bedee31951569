// What a dry run costs: linerate against the floor (the same probe by plain ssh) and against Ansible, in one run on
// hosts in network namespaces of this machine. As root: node bench/diff.ts [--hosts 20] [--runs 3] [--no-ansible]
import {writeFile} from 'node:fs/promises';
import {cpus, loadavg} from 'node:os';
import path from 'node:path';
import {parseArgs} from 'node:util';
import {loadSheets} from '../engine/catalogue/sheets.ts';
import {factScripts} from '../engine/facts/facts.ts';
import {probeScript} from '../engine/facts/probe.ts';
import {sheetSysctls} from '../engine/plan/sheet-sysctls.ts';
import {factsOf, planOf} from '../test/support/generated/fixtures.ts';
import {startLab, type Lab} from '../test/support/lab/lab.ts';
import {ansiblePeers} from './ansible.ts';
import {measure, median, rounds, type Command, type Cost} from './measure.ts';
import {SYSCTLS} from './sysctls.ts';

const LINERATE = path.join(import.meta.dirname, '../linerate');
const MEMORY_HOSTS = 100;

type Row = {what: string; cost: Cost};

const linerate = (lab: Lab, limit = 'all'): Command => ({
  argv: [LINERATE, 'diff', '-i', lab.inventoryPath, '-l', limit, '-e', `@${settingsFile(lab)}`, '-f', '100', '--json'],
});

const settingsFile = (lab: Lab): string => path.join(lab.folder, 'settings.json');

/** The sysctls as settings that an inventory asks for, beside those that linerate wants by itself. */
const writeSettings = async (lab: Lab): Promise<void> => {
  const settings: Record<string, string> = {};
  for (const [name, value] of SYSCTLS) settings[`sysctl ${name.replaceAll('.', '/')}`] = value;
  await writeFile(settingsFile(lab), JSON.stringify({linerate_settings: settings}));
};

/** Plain ssh to the first so many hosts at once, each reading the very same probe. */
const floor = (lab: Lab, probe: string, hosts: number): Command => {
  const names = lab.hosts.slice(0, hosts).map(({name}) => name);
  const each = `for h in ${names.join(' ')}; do ssh -T -o BatchMode=yes -F ${lab.sshConfigPath} $h sh -s <${probe} & done; wait`;
  return {argv: ['sh', '-c', each]};
};

const comparison = async (lab: Lab, runs: number, ansible: boolean): Promise<{rows: Row[]; perHostMs: number}> => {
  const count = lab.hosts.length;
  const probe = path.join(lab.folder, 'probe.sh');
  const keys = [...SYSCTLS.keys()].map((name) => name.replaceAll('.', '/'));
  const scripts = factScripts({sysctls: [...sheetSysctls(loadSheets()), ...keys]});
  await writeFile(probe, probeScript(scripts, {token: '@bench', root: ''}));
  await writeSettings(lab);
  const peers = await ansiblePeers({folder: lab.folder, inventory: lab.inventoryPath, forks: count});
  const ours = [linerate(lab), linerate(lab, 'h01')];
  const floors = [floor(lab, probe, count), floor(lab, probe, 1)];
  const [floorAll, floorOne, oursAll, oursOne] = await rounds([...floors, ...ours], runs);
  if (!floorAll || !floorOne || !oursAll || !oursOne) throw new Error('nothing was measured');
  const rows: Row[] = [
    {what: 'floor: ssh HOST sh -s < probe', cost: floorAll},
    {what: 'linerate diff', cost: oursAll},
  ];
  if (ansible) {
    const [quickest, usual] = await rounds([peers.quickest, peers.usual], 1);
    if (quickest) rows.push({what: 'ansible-playbook --check --diff, one template and a handler', cost: quickest});
    if (usual)
      rows.push({what: `ansible-playbook --check --diff, ${String(SYSCTLS.size)} sysctls in a loop`, cost: usual});
  }
  const beyond = oursAll.cpu - floorAll.cpu - (oursOne.cpu - floorOne.cpu);
  return {rows, perHostMs: (beyond * 1000) / Math.max(1, count - 1)};
};

/** Peak resident memory in MB of a diff of so many hosts. */
const memory = async (): Promise<number> => {
  const lab = await startLab({hosts: MEMORY_HOSTS});
  let peak = 0;
  try {
    await writeSettings(lab);
    await measure(linerate(lab), (mb) => (peak = Math.max(peak, mb)));
  } finally {
    await lab.stop();
  }
  return peak;
};

/** Milliseconds to plan a machine of 512 CPUs and 16 NICs with 64 queues each. */
const planning = (): number => {
  const facts = factsOf('cpus-512');
  const times = Array.from({length: 15}, () => {
    const started = performance.now();
    planOf('cpus-512', facts);
    return performance.now() - started;
  });
  return median(times);
};

const table = (rows: readonly Row[]): string[] => {
  const [first] = rows;
  const ours = rows[1]?.cost.wall ?? Number.NaN;
  return [
    '| dry run | wall s | controller CPU s | wall, of the floor | wall, of linerate |',
    '|---|--:|--:|--:|--:|',
    ...rows.map(({what, cost}) => {
      const ratios = [cost.wall / (first?.cost.wall ?? Number.NaN), cost.wall / ours].map(
        (ratio) => `${ratio.toFixed(2)}×`,
      );
      return `| ${what} | ${cost.wall.toFixed(2)} | ${cost.cpu.toFixed(2)} | ${ratios.join(' | ')} |`;
    }),
  ];
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
  try {
    const {rows, perHostMs} = await comparison(lab, Number(values.runs), !values['no-ansible']);
    const [version] = await rounds([{argv: [LINERATE, '--version']}], 7);
    console.log(
      `${values.hosts} hosts in network namespaces of one machine (${String(cpus().length)} × ${cpus()[0]?.model ?? 'CPU'}):\n`,
    );
    console.log(table(rows).join('\n'));
    console.log(`\nload average at the end: ${(loadavg()[0] ?? 0).toFixed(1)}`);
    console.log(`controller CPU beyond OpenSSH's own, for each further host: ${perHostMs.toFixed(1)} ms`);
    console.log(`linerate --version: ${((version?.wall ?? Number.NaN) * 1000).toFixed(0)} ms`);
  } finally {
    await lab.stop();
  }
  console.log(`planning 512 CPUs with 16 NICs of 64 queues: ${planning().toFixed(1)} ms`);
  console.log(`peak resident memory with ${String(MEMORY_HOSTS)} hosts: ${(await memory()).toFixed(0)} MB`);
};

await main();
