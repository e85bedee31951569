import {chmod, cp, mkdir, rm, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {outputOf} from '../command.ts';
import {BOOT_MODULES} from '../recipe.ts';

const initScript = (modules: readonly string[]): string =>
  [
    '#!/bin/busybox sh',
    '/bin/busybox mount -t devtmpfs dev /dev',
    ...modules.map((file) => `/bin/busybox insmod /lib/${path.basename(file)}`),
    'while ! [ -b /dev/vda2 ]; do /bin/busybox sleep 0.1; done',
    '/bin/busybox mount -t ext4 /dev/vda2 /root',
    '/bin/busybox mount -o move /dev /root/dev',
    'exec /bin/busybox switch_root /root /sbin/init',
    '',
  ].join('\n');

/** An initial file system of busybox and the modules on the way to the disk: a tenth of initramfs-tools' size and time. */
export const makeInitrd = async (root: string, release: string, folder: string): Promise<void> => {
  const loads = await Promise.all(
    BOOT_MODULES.map((name) => outputOf('modprobe', '-d', root, '-S', release, '--show-depends', name)),
  );
  const modules = [
    ...new Set(loads.flatMap((text) => [...text.matchAll(/^insmod (\S+)/gm)].map((match) => match[1] ?? ''))),
  ];
  const tree = path.join(folder, 'initrd.root');
  for (const name of ['bin', 'lib', 'dev', 'root']) await mkdir(path.join(tree, name), {recursive: true});
  await cp(path.join(root, 'bin/busybox'), path.join(tree, 'bin/busybox'));
  for (const file of modules) await cp(file, path.join(tree, 'lib', path.basename(file)));
  await writeFile(path.join(tree, 'init'), initScript(modules));
  await chmod(path.join(tree, 'init'), 0o755);
  await outputOf('sh', '-c', 'cd "$1" && find . | bin/busybox cpio -o -H newc >../initrd', 'sh', tree);
  await rm(tree, {recursive: true});
};
