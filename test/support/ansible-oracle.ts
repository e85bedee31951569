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

export type PythonFunction = 'literal' | 'words' | 'glob' | 'yaml' | 'hosts' | 'address';
const VALUES = v.array(v.union([v.object({value: v.unknown()}), v.object({error: v.string()})]));
export type PythonAnswer = v.InferOutput<typeof VALUES>[number];

/** The Python that Debian's Ansible is installed for, which need not be the first one in PATH. */
const interpreter = async (): Promise<readonly string[]> => {
  const program = await findTool('ansible-inventory');
  if (program === undefined) throw new Error('ansible-inventory is missing: run ./linerate doctor --install');
  const [first = ''] = (await readFile(program, 'utf8')).split('\n');
  return first
    .replace(/^#!\s*/, '')
    .trim()
    .split(/\s+/);
};

/** Runs one of the Python scripts of this folder with nobody's configuration or home folder in the way. */
const runPython = async (script: string, questions: unknown): Promise<unknown> => {
  const home = await mkdtemp(path.join(tmpdir(), 'linerate-oracle-'));
  try {
    const configuration = path.join(home, 'ansible.cfg');
    await writeFile(configuration, '');
    const env = {HOME: home, PATH: '/usr/bin:/bin', LC_ALL: 'C.UTF-8', ANSIBLE_CONFIG: configuration, TMPDIR: home};
    const [python = '', ...flags] = await interpreter();
    const oracle = spawn(python, [...flags, '-B', path.join(import.meta.dirname, script)], {env});
    oracle.stdin.end(JSON.stringify(questions));
    const [stdout, stderr] = await Promise.all([text(oracle.stdout), text(oracle.stderr)]);
    if (stdout === '') throw new Error(`${script} did not answer: ${stderr}`);
    return JSON.parse(stdout);
  } finally {
    await rm(home, {recursive: true, force: true});
  }
};

/** What Ansible itself answers to each of the calls. */
export const askAnsible = async (calls: readonly OracleCall[]): Promise<readonly OracleAnswer[]> =>
  v.parse(ANSWERS, await runPython('ansible-oracle.py', calls));

/** What Python, PyYAML or Ansible's own function answers to each of the inputs. */
export const askPython = async (name: PythonFunction, inputs: readonly unknown[]): Promise<readonly PythonAnswer[]> =>
  v.parse(
    VALUES,
    await runPython(
      'python-oracle.py',
      inputs.map((input) => ({function: name, input})),
    ),
  );
