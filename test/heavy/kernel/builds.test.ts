import {mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import test from 'ava';
import {parsePatchStatuses} from '../../../engine/stages/kernel/patch-status.ts';
import {buildAndProve} from '../../support/built-kernels.ts';
import {linerate} from '../../support/cli.ts';
import {outcomeOf} from '../../support/machines/command.ts';
import {addKernelHook, dpkgIn, makeRoot, rpmIn, takeCalls} from '../../support/package-roots.ts';

const PATIENT_MS = 2_400_000;

const folder = mkdtempSync(path.join(tmpdir(), 'linerate-lab-kernel-'));
test.after.always(() => {
  rmSync(folder, {recursive: true, force: true});
});

const packages = path.join(folder, 'packages');

const packageOf = (start: string, end: string): string => {
  const names = readdirSync(packages).filter((name) => name.startsWith(start) && name.endsWith(end));
  if (names.length !== 1)
    throw new Error(`${start}*${end}: ${names.join(', ')} in ${readdirSync(packages).join(', ')}`);
  return path.join(packages, names[0] ?? '');
};

const newRoot = async (name: string): Promise<string> => {
  const root = path.join(folder, name);
  await makeRoot(root);
  return root;
};

let release = '';

test.serial('lab-6.1: compiled, booted, packaged, and modules of others build against its headers', async (t) => {
  t.timeout(PATIENT_MS);
  release = await buildAndProve(t, 'kernels/lab-6.1', /^6\.1\.\d+-lab$/, ['--format', 'deb,rpm', '--out', packages]);
});

test.serial('its DEBs are installed by dpkg, and removed again', async (t) => {
  const root = await newRoot('deb');
  for (const kept of ['boot/grub', 'lib/modules/another']) mkdirSync(path.join(root, kept), {recursive: true});
  await addKernelHook(root, 'postinst');
  await dpkgIn(
    root,
    '-i',
    packageOf(`linux-image-${release}_`, '.deb'),
    packageOf(`linux-headers-${release}_`, '.deb'),
  );
  t.deepEqual(await takeCalls(root), [
    `linux-update-symlinks install ${release} /boot/vmlinuz-${release}`,
    `postinst.d ${release} /boot/vmlinuz-${release} (configure )`,
  ]);
  t.is((await outcomeOf(['dpkg', `--root=${root}`, '--verify'])).stdout, '');
  const dependencies = readFileSync(path.join(root, `lib/modules/${release}/modules.dep`), 'utf8');
  t.regex(dependencies, /^kernel\/drivers\/net\/.*\.ko:/m);
  await dpkgIn(root, '--purge', `linux-headers-${release}`, `linux-image-${release}`);
  t.deepEqual(readdirSync(path.join(root, 'boot')), ['grub']);
  t.deepEqual(readdirSync(path.join(root, 'lib/modules')), ['another']);
});

test.serial('its RPMs are installed by rpm, hold, and are removed again', async (t) => {
  const root = await newRoot('rpm');
  await rpmIn(root, '--initdb');
  await rpmIn(root, '-i', '--nodeps', packageOf('kernel-lab-6', '.rpm'), packageOf('kernel-lab-devel-', '.rpm'));
  t.deepEqual(await takeCalls(root), [`kernel-install add ${release} /lib/modules/${release}/vmlinuz`]);
  t.is(await rpmIn(root, '-V', '--nodeps', 'kernel-lab', 'kernel-lab-devel'), '');
  await rpmIn(root, '-e', 'kernel-lab', 'kernel-lab-devel');
  t.deepEqual(readdirSync(path.join(root, 'lib/modules')), []);
});

test.serial('an unchanged kernel is neither compiled nor booted again', async (t) => {
  const {status, stdout, stderr} = await linerate(['build', 'kernels/lab-6.1', '--json', '--offline']);
  t.is(status, 0, stderr);
  const {stages} = JSON.parse(stdout) as {stages: readonly {state: string}[]};
  t.deepEqual([...new Set(stages.map(({state}) => state))].toSorted(), ['found', 'unneeded']);
});

test.serial('the whole PREEMPT_RT series applies, none of it off its place', async (t) => {
  t.timeout(PATIENT_MS);
  const {status, stdout, stderr} = await linerate(['kernel', 'patches', 'kernels/rt-6.1', '--json']);
  t.is(status, 0, stderr);
  const told = JSON.parse(stdout) as readonly {rejects: unknown}[];
  const statuses = parsePatchStatuses(JSON.stringify(told.map(({rejects: _rejects, ...one}) => one)));
  t.is(statuses.length, 72);
  t.true(statuses.every(({status: one, fuzz}) => one === 'applied' && fuzz === 0));
});
