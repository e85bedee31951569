// What builds cost: a kernel from cold, with what ccache kept, and unchanged; and packaging against what its programs take by
// themselves, in one run. As root, on a quiet machine: node bench/build.ts [--kernel kernels/lab-6.1] [--store FOLDER]
// With --store an earlier run's sources are used; its outputs are removed.
import {mkdtemp, readdir, rm} from 'node:fs/promises';
import {cpus, loadavg, tmpdir} from 'node:os';
import path from 'node:path';
import {parseArgs} from 'node:util';
import {median, measure, type Cost} from './measure.ts';

const LINERATE = path.join(import.meta.dirname, '../linerate');
const UNCHANGED_RUNS = 5;

type Bench = {kernel: string; store: string};

const build = async ({kernel, store}: Bench, ...options: readonly string[]): Promise<Cost> => {
  const cost = await measure({argv: [LINERATE, 'build', kernel, '--store', store, ...options]});
  if (cost.status !== 0)
    throw new Error(`linerate build ${kernel} ${options.join(' ')}: exit status ${String(cost.status)}`);
  return cost;
};

/** Outputs go, what ccache and the sources hold stays. */
const forgetOutputs = async ({store}: Bench): Promise<void> => {
  for (const name of ['stages', 'latest']) {
    const folder = path.join(store, name);
    await measure({argv: ['chmod', '-R', 'u+w', folder]});
    await rm(folder, {recursive: true, force: true});
  }
};

/** One shell command, which must do what it is to do. */
const alone = async (script: string, ...words: readonly string[]): Promise<Cost> => {
  const cost = await measure({argv: ['sh', '-ec', script, 'sh', ...words]});
  if (cost.status !== 0) throw new Error(`exit status ${String(cost.status)} of: ${script}`);
  return cost;
};

/** The time of a package's own programs: compressing it, and the gate's linter. */
const floorOf = async (file: string, work: string): Promise<Cost> => {
  const deb = file.endsWith('.deb');
  await alone(
    deb
      ? 'rm -rf "$2"/tree; dpkg-deb -R "$1" "$2"/tree'
      : 'rm -rf "$2"/tree; mkdir "$2"/tree; rpm2cpio "$1" >"$2"/payload',
    file,
    work,
  );
  return alone(
    deb
      ? 'dpkg-deb --root-owner-group -Zxz --build "$2"/tree "$2"/again.deb; lintian "$1" || :'
      : 'xz -6 -T2 -c "$2"/payload >"$2"/payload.xz; rpmlint "$1" || :',
    file,
    work,
  );
};

const packaging = async (bench: Bench, work: string): Promise<{ours: Cost; floor: number; files: number}> => {
  const out = path.join(work, 'packages');
  const ours = await build(bench, '--format', 'deb,rpm', '--out', out);
  const files = (await readdir(out)).filter((name) => /\.(?:deb|rpm)$/.test(name));
  let floor = 0;
  for (const name of files) floor += (await floorOf(path.join(out, name), work)).wall;
  return {ours, floor, files: files.length};
};

const seconds = (cost: Cost): string => `${cost.wall.toFixed(1)} | ${cost.cpu.toFixed(1)}`;

const main = async (): Promise<void> => {
  const {values} = parseArgs({
    options: {kernel: {type: 'string', default: 'kernels/lab-6.1'}, store: {type: 'string'}},
  });
  const work = await mkdtemp(path.join(tmpdir(), 'linerate-bench-'));
  const bench = {kernel: values.kernel, store: values.store ?? path.join(work, 'store')};
  try {
    await alone('exec "$@"', LINERATE, 'lock', '--fetch', '--store', bench.store, bench.kernel);
    await forgetOutputs(bench);
    await rm(path.join(bench.store, 'cache'), {recursive: true, force: true});
    const cold = await build(bench, '--format', 'none');
    await forgetOutputs(bench);
    const warm = await build(bench, '--format', 'none');
    const packed = await packaging(bench, work);
    const unchanged: number[] = [];
    for (let run = 0; run < UNCHANGED_RUNS; run += 1) unchanged.push((await build(bench, '--format', 'deb,rpm')).wall);
    console.log(`${bench.kernel} on ${String(cpus().length)} × ${cpus()[0]?.model ?? 'CPU'}, sources fetched:\n`);
    console.log('| | wall s | CPU s |\n|---|--:|--:|');
    console.log(`| from cold, with its boots | ${seconds(cold)} |`);
    console.log(`| with what ccache kept, with its boots | ${seconds(warm)} |`);
    console.log(`| ${String(packed.files)} packages, repositories' gates and evidence | ${seconds(packed.ours)} |`);
    console.log(`| their programs by themselves: compression and linters | ${packed.floor.toFixed(1)} | |`);
    console.log(`| unchanged | ${median(unchanged).toFixed(2)} | |`);
    console.log(
      `\ncold / warm: ${(cold.wall / warm.wall).toFixed(1)}; packaging / its programs: ${(packed.ours.wall / packed.floor).toFixed(2)}`,
    );
    console.log(`load average at the end: ${(loadavg()[0] ?? 0).toFixed(1)}`);
  } finally {
    await measure({argv: ['chmod', '-R', 'u+w', work]});
    await rm(work, {recursive: true, force: true});
  }
};

await main();
