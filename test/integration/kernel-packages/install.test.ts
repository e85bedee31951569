import {mkdtempSync} from 'node:fs';
import {mkdir, readdir, rm, stat} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import test from 'ava';
import {digestOfFile} from '../../../engine/effects/files.ts';
import type {BuildReport} from '../../../engine/actions/build-types.ts';
import type {Stage} from '../../../engine/stages/stage.ts';
import {buildIn, outputFolder, standInStages} from '../../support/built-packages.ts';
import {outcomeOf, outputOf} from '../../support/machines/command.ts';
import {addKernelHook, dpkgIn, makeRoot, rpmIn, takeCalls} from '../../support/package-roots.ts';

const V = '6.1.176-stand-in';
const IMAGE = `/boot/vmlinuz-${V}`;

const folder = mkdtempSync(path.join(tmpdir(), 'linerate-kernel-packages-'));
test.after.always(async () => rm(folder, {recursive: true, force: true}));

// What linters say is looked at by another test.
const unchecked = (stages: readonly Stage[]): readonly Stage[] => stages.map((stage) => ({...stage, checks: []}));

let built: BuildReport;
test.before(async () => {
  built = await buildIn(path.join(folder, 'first'), unchecked(standInStages(['bookworm', 'el9'], V)));
});

const packageOf = async (kind: string, report = built): Promise<string> => {
  const out = outputFolder(report, `kernels/stand-in ${kind}`);
  const [name = '', ...others] = await readdir(out);
  if (others.length > 0) throw new Error(`${kind} made more than one file`);
  return path.join(out, name);
};

const newRoot = async (name: string): Promise<string> => {
  const root = path.join(folder, name);
  await makeRoot(root);
  return root;
};

const modeOf = async (root: string, file: string): Promise<string> =>
  ((await stat(path.join(root, file))).mode & 0o7777).toString(8);

test('a DEB of a kernel is installed, makes its boot entries by the hooks, and is removed again', async (t) => {
  const root = await newRoot('deb');
  // An empty folder of a package goes with it.
  for (const kept of ['boot/grub', 'lib/modules/another']) await mkdir(path.join(root, kept), {recursive: true});
  for (const point of ['preinst', 'postinst', 'prerm', 'postrm']) await addKernelHook(root, point);
  await dpkgIn(root, '-i', await packageOf('deb bookworm kernel'));
  t.deepEqual(await takeCalls(root), [
    `preinst.d ${V} ${IMAGE} (install)`,
    `linux-update-symlinks install ${V} ${IMAGE}`,
    `postinst.d ${V} ${IMAGE} (configure )`,
  ]);
  t.is(await modeOf(root, IMAGE), '644');
  t.is(await modeOf(root, `/boot/System.map-${V}`), '600');
  t.is(await modeOf(root, `/lib/modules/${V}/kernel/drivers/net/one.ko`), '644');
  t.is(await modeOf(root, `/lib/modules/${V}/kernel`), '755');
  t.true((await stat(path.join(root, `lib/modules/${V}/modules.dep`))).isFile());
  t.is(await outputOf('dpkg-query', `--admindir=${root}/var/lib/dpkg`, '-W'), `linux-image-${V}\t6.1.176-1+deb12\n`);
  t.is((await outcomeOf(['dpkg', `--root=${root}`, '--verify'])).stdout, '');

  await dpkgIn(root, '--purge', `linux-image-${V}`);
  t.deepEqual(await takeCalls(root), [
    `linux-check-removal ${V}`,
    `prerm.d ${V} ${IMAGE} (remove)`,
    `linux-update-symlinks remove ${V} ${IMAGE}`,
    `postrm.d ${V} ${IMAGE} (remove)`,
    `linux-update-symlinks remove ${V} ${IMAGE}`,
    `postrm.d ${V} ${IMAGE} (purge)`,
  ]);
  t.is(await outputOf('find', `${root}/boot`, `${root}/lib/modules`, `${root}/usr`, '-name', '*stand-in*'), '');
});

test("the headers' DEB is where modules are built, and the meta packages need the newest ones", async (t) => {
  const root = await newRoot('deb-headers');
  await addKernelHook(root, 'header_postinst');
  await dpkgIn(root, '-i', await packageOf('deb bookworm headers'));
  t.deepEqual(await takeCalls(root), [`header_postinst.d ${V} (configure )`]);
  t.is(await outputOf('readlink', `${root}/lib/modules/${V}/build`), `/usr/src/linux-headers-${V}\n`);
  t.is(await modeOf(root, `/usr/src/linux-headers-${V}/scripts/basic/fixdep`), '755');
  t.is(await modeOf(root, `/usr/src/linux-headers-${V}/Makefile`), '644');
  for (const what of ['image', 'headers']) {
    const meta = await packageOf(`deb bookworm ${what === 'image' ? 'kernel' : 'headers'}-meta`);
    const fields = await outputOf('dpkg-deb', '-f', meta, 'Package', 'Depends');
    t.is(fields, `Package: linux-${what}-stand-in\nDepends: linux-${what}-${V} (= 6.1.176-1+deb12)\n`);
  }
});

test('an RPM of a kernel is installed, made bootable by kernel-install, holds, and is removed again', async (t) => {
  const root = await newRoot('rpm');
  await rpmIn(root, '--initdb');
  const [kernel, headers] = [await packageOf('rpm el9 kernel'), await packageOf('rpm el9 headers')];
  await rpmIn(root, '-i', '--nodeps', kernel, headers);
  const image = `/lib/modules/${V}/vmlinuz`;
  t.deepEqual(await takeCalls(root), [`kernel-install add ${V} ${image}`]);
  t.is(await modeOf(root, image), '644');
  t.is(await modeOf(root, `/lib/modules/${V}/System.map`), '600');
  t.is(await outputOf('readlink', `${root}/lib/modules/${V}/build`), `/usr/src/kernels/${V}\n`);
  t.is(await rpmIn(root, '-V', '--nodeps', 'kernel-stand-in', 'kernel-stand-in-devel'), '');
  t.is(await rpmIn(root, '-qf', `/lib/modules/${V}/modules.dep`), 'kernel-stand-in-6.1.176-1.el9.x86_64\n');
  const provided = (await rpmIn(root, '-q', '--provides', 'kernel-stand-in')).split('\n');
  for (const one of ['installonlypkg(kernel)', 'kernel-uname-r = 6.1.176-stand.in', 'kernel-stand-in = 6.1.176-1.el9'])
    t.true(provided.includes(one), one);

  await rpmIn(root, '-e', 'kernel-stand-in', 'kernel-stand-in-devel');
  t.deepEqual(await takeCalls(root), [`kernel-install remove ${V} ${image}`]);
  t.deepEqual(await readdir(path.join(root, 'lib/modules')), []);
});

test.serial('the same bytes come out of another folder, at another time, with another umask', async (t) => {
  const before = process.umask(0o077);
  t.teardown(() => process.umask(before));
  await mkdir(path.join(folder, 'a second place'));
  const again = await buildIn(
    path.join(folder, 'a second place/second'),
    unchecked(standInStages(['bookworm', 'el9'], V)),
  );
  for (const kind of [
    'deb bookworm kernel',
    'deb bookworm headers',
    'deb bookworm kernel-meta',
    'rpm el9 kernel',
    'rpm el9 headers',
  ])
    t.is(await digestOfFile(await packageOf(kind, again)), await digestOfFile(await packageOf(kind)), kind);
});

test('a release candidate comes before its release', async (t) => {
  const stages = unchecked(standInStages(['trixie', 'el9'], '6.13.0-rc4-stand-in')).filter(({name}) =>
    /compile|kernel$/.test(name),
  );
  const report = await buildIn(path.join(folder, 'candidate'), stages);
  const deb = await packageOf('deb trixie kernel', report);
  t.is(path.basename(deb), 'linux-image-6.13.0-rc4-stand-in_6.13.0~rc4-1+deb13_amd64.deb');
  t.is(path.basename(await packageOf('rpm el9 kernel', report)), 'kernel-stand-in-6.13.0~rc4-1.el9.x86_64.rpm');
  const listed = await outputOf('dpkg-deb', '-c', deb);
  t.regex(listed, /\.\/usr\/lib\/modules\/6\.13\.0-rc4-stand-in\/kernel/);
  t.notRegex(listed, / \.\/lib\//);
});
