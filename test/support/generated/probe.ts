import {spawnSync} from 'node:child_process';
import {createHash} from 'node:crypto';
import {mkdirSync, readFileSync, renameSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import type {Wanted} from '../../../engine/facts/fact.ts';
import {factScripts} from '../../../engine/facts/facts.ts';
import {probeScript} from '../../../engine/facts/probe.ts';
import {addCpus, topologyOf} from './cpus.ts';
import {addNetwork} from './network.ts';
import {addBound, addNics, firstSample} from './nics.ts';
import type {HostSpec} from './spec.ts';
import {addSystem} from './system.ts';
import {tarOf} from './tar.ts';
import {type Tree, emptyTree} from './tree.ts';

/** The word that generated frames begin with. */
export const TOKEN = 'generated';

/** What the host of a spec shows of itself. */
export const treeOf = (host: HostSpec): Tree => {
  const tree = emptyTree();
  const topology = topologyOf(host);
  addCpus(tree, host, topology);
  addNics(tree, host, topology);
  addBound(tree, host);
  addNetwork(tree, host);
  addSystem(tree, host, topology.online.length);
  return tree;
};

/** Wiped by every `npm ci`, as `sh` and `grep` of this machine have a part in the answers. */
const KEPT = path.join(import.meta.dirname, '../../../node_modules/.cache/generated-hosts');

/** What the same script said of the same tree to an earlier test file: a second for each of some hosts, in many files. */
const keptOr = (key: string, make: () => string): string => {
  const file = path.join(KEPT, key);
  try {
    return readFileSync(file, 'utf8');
  } catch {
    const text = make();
    mkdirSync(KEPT, {recursive: true});
    writeFileSync(`${file}.${String(process.pid)}`, text);
    renameSync(`${file}.${String(process.pid)}`, file);
    return text;
  }
};

/**
 * The real probe's answer on the tree, unpacked in a mount namespace of its own that vanishes with the process: no root
 * needed, and nothing is left behind. The probe's own patterns decide what is read.
 */
const filesOf = (tree: Tree, wanted: Wanted): string => {
  const script = probeScript(factScripts(wanted), {token: TOKEN, root: '/mnt'});
  const tar = tarOf(tree);
  return keptOr(createHash('sha256').update(script).update(tar).digest('hex'), () => {
    const unpack = 'mount -t tmpfs none /mnt && tar -x -C /mnt && exec sh -c "$1"';
    const run = spawnSync('unshare', ['-Urm', 'sh', '-c', unpack, 'sh', script], {
      input: tar,
      encoding: 'utf8',
      maxBuffer: 1 << 27,
    });
    if (run.error || run.status !== 0 || run.stderr !== '')
      throw new Error(`the probe failed in its namespace (unshare of util-linux): ${run.error?.message ?? run.stderr}`);
    return run.stdout;
  });
};

/** Commands are not run below a root directory: their answers follow, and the later one of a name holds. */
const answersOf = (tree: Tree): string =>
  [...tree.runs].map(([name, {status, output}]) => `${TOKEN} run ${String(status)} ${name}\n${output}\n`).join('');

const refusalsOf = (host: HostSpec): string =>
  host.refused.map((path) => `${TOKEN} fail ${path}\nPermission denied\n`).join('');

/** Counters of the second sample that went on. */
const growthOf = (host: HostSpec): string => {
  const lines = Object.entries(host.growth).map(([name, gained]) => {
    const [nic = '', counter = ''] = name.split(' ');
    return `sys/class/net/${nic}/statistics/${counter}:${String(firstSample(counter) + gained)}\n`;
  });
  return lines.length === 0 ? '' : `${TOKEN} many /last\n${lines.join('')}`;
};

/** What the probe would have printed on the host, in frames that begin with `TOKEN`. */
export const generatedFrames = (host: HostSpec, wanted: Wanted): string => {
  const tree = treeOf(host);
  const files = filesOf(tree, wanted).replace(new RegExp(`^${TOKEN} end\n$`, 'm'), '');
  return `${files}${answersOf(tree)}${refusalsOf(host)}${growthOf(host)}${TOKEN} end\n`;
};
