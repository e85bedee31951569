import {spawn} from 'node:child_process';
import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {text} from 'node:stream/consumers';
import * as v from 'valibot';
import {findTool} from '../../engine/effects/tools.ts';

export type OracleCall = {program: 'ansible' | 'ansible-inventory'; arguments: readonly string[]; directory: string};
const ANSWERS = v.array(v.object({status: v.number(), stdout: v.string(), stderr: v.string()}));
export type OracleAnswer = v.InferOutput<typeof ANSWERS>[number];

const SCRIPT = path.join(import.meta.dirname, 'ansible-oracle.py');

/** The Python that Debian's Ansible is installed for, which need not be the first one in PATH. */
const interpreter = async (): Promise<string> => {
  const program = await findTool('ansible-inventory');
  if (program === undefined) throw new Error('ansible-inventory is missing: run ./linerate doctor --install');
  const [first = ''] = (await readFile(program, 'utf8')).split('\n');
  return first.replace(/^#!\s*/, '').trim();
};

/** What Ansible itself answers to each of the calls, with nobody's configuration or home folder in the way. */
export const askAnsible = async (calls: readonly OracleCall[]): Promise<readonly OracleAnswer[]> => {
  const home = await mkdtemp(path.join(tmpdir(), 'linerate-oracle-'));
  try {
    const configuration = path.join(home, 'ansible.cfg');
    await writeFile(configuration, '');
    const env = {HOME: home, PATH: '/usr/bin:/bin', LC_ALL: 'C.UTF-8', ANSIBLE_CONFIG: configuration, TMPDIR: home};
    const [python = '', ...flags] = (await interpreter()).split(/\s+/);
    const oracle = spawn(python, [...flags, SCRIPT], {env, stdio: ['pipe', 'pipe', 'pipe']});
    oracle.stdin.end(JSON.stringify(calls));
    const [stdout, stderr] = await Promise.all([text(oracle.stdout), text(oracle.stderr)]);
    if (stdout === '') throw new Error(`the oracle did not answer: ${stderr}`);
    return v.parse(ANSWERS, JSON.parse(stdout));
  } finally {
    await rm(home, {recursive: true, force: true});
  }
};
