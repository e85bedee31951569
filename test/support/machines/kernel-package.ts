import {existsSync} from 'node:fs';
import {chmod, mkdir, mkdtemp, readdir, rename, rm, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {outputOf} from './command.ts';
import {imageCache} from './image.ts';
import {KERNEL_MEMBERS} from './recipe.ts';

/** Debian's own package of a kernel, downloaded once. */
const debianPackage = async (release: string): Promise<string> => {
  const cache = path.join(imageCache(), 'kernels', release);
  if (!existsSync(cache)) {
    await mkdir(path.dirname(cache), {recursive: true});
    const fresh = await mkdtemp(`${cache}.`);
    await outputOf('sh', '-c', 'cd "$1" && apt-get -qq download "$2"', 'sh', fresh, `linux-image-${release}-unsigned`);
    await rename(fresh, cache);
  }
  const [name = ''] = await readdir(cache);
  return path.join(cache, name);
};

const control = (release: string): string =>
  [
    `Package: linux-image-${release}`,
    'Version: 6.1-1',
    'Architecture: amd64',
    'Maintainer: a test <test@localhost>',
    'Description: what a test machine needs of a kernel',
    '',
  ].join('\n');

/** What Debian's kernel packages do once they are unpacked, and when they go. */
const scripts = (release: string, broken: boolean): Readonly<Record<string, string>> => {
  const hooks = (name: string): string =>
    `DEB_MAINT_PARAMS="$*" run-parts --exit-on-error --arg=${release} --arg=/boot/vmlinuz-${release} /etc/kernel/${name}.d`;
  return {
    postinst: `depmod ${release}\n${hooks('postinst')}\n${broken ? `truncate -s 4096 /boot/initrd.img-${release}` : ''}`,
    postrm: `rm -f /lib/modules/${release}/modules.*\n${hooks('postrm')}`,
  };
};

/**
 * A .deb of another Debian kernel, with no more modules than a test machine needs and with the scripts that make it bootable;
 * answers its path in `folder`.
 *
 * @param broken its initial file system is cut off, so that it cannot boot
 */
export const buildKernelPackage = async (
  folder: string,
  release: string,
  {broken = false}: {broken?: boolean} = {},
): Promise<string> => {
  const tree = await mkdtemp(path.join(folder, 'kernel-'));
  await chmod(tree, 0o755);
  const members = path.join(folder, 'members');
  await writeFile(members, KERNEL_MEMBERS.join('\n'));
  // tar complains of patterns that a smaller kernel has nothing for.
  const unpack =
    'dpkg-deb --fsys-tarfile "$1" | tar -x -C "$2" --wildcards -T "$3" 2>/dev/null; test -e "$2"/boot/vmlinuz-*';
  await outputOf('sh', '-c', unpack, 'sh', await debianPackage(release), tree, members);
  await mkdir(path.join(tree, 'DEBIAN'));
  await writeFile(path.join(tree, 'DEBIAN/control'), control(release));
  for (const [name, text] of Object.entries(scripts(release, broken)))
    await writeFile(path.join(tree, 'DEBIAN', name), `#!/bin/sh\nset -e\n${text}\n`, {mode: 0o755});
  const deb = path.join(folder, `linux-image-${release}_6.1-1_amd64.deb`);
  await outputOf('dpkg-deb', '--root-owner-group', '-Zgzip', '--build', tree, deb);
  await rm(tree, {recursive: true});
  return deb;
};
