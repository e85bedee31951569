import {chmod, copyFile, cp, mkdir, readdir, rename, rm, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {outputOf} from '../command.ts';
import {ROOT_UUID} from '../recipe.ts';

const PLATFORM = 'i386-pc';

/**
 * What the running machine's grub-probe says of its disk: a folder that is to become a disk has none to be probed. That
 * the machine's own update-grub writes the same grub.cfg byte by byte is tested.
 */
const PROBE = `#!/bin/sh
for word; do
  case $word in
  --target=device) echo /dev/vda2 ;;
  --target=fs_uuid) echo ${ROOT_UUID} ;;
  --target=fs) echo ext2 ;;
  --target=partmap) echo gpt ;;
  esac
done
`;

/** grub.cfg as the distribution's own generator writes it. */
const writeGrubConfig = async (root: string): Promise<void> => {
  const probe = path.join(root, 'usr/sbin/grub-probe');
  // 10_linux names the root file system by its UUID only where udev would have made this link.
  const links = path.join(root, 'dev/disk');
  await mkdir(path.join(links, 'by-uuid'), {recursive: true});
  await writeFile(path.join(links, 'by-uuid', ROOT_UUID), '');
  await rename(probe, `${probe}.real`);
  await writeFile(probe, PROBE);
  await chmod(probe, 0o755);
  await outputOf('chroot', root, 'grub-mkconfig', '-o', '/boot/grub/grub.cfg');
  await rename(`${probe}.real`, probe);
  await rm(links, {recursive: true});
};

const copyModules = async (from: string, to: string): Promise<void> => {
  await mkdir(to, {recursive: true});
  for (const name of await readdir(from)) {
    if (/\.(?:mod|lst)$/.test(name)) await copyFile(path.join(from, name), path.join(to, name));
  }
};

/** Gives the root an initial file system by initramfs-tools, and GRUB: its configuration, its modules, an empty environment. */
export const addBootFiles = async (root: string, release: string): Promise<void> => {
  await outputOf('chroot', root, 'update-initramfs', '-c', '-k', release);
  const grub = path.join(root, 'boot/grub');
  await copyModules(path.join(root, 'usr/lib/grub', PLATFORM), path.join(grub, PLATFORM));
  await copyFile(path.join(root, 'usr/share/grub/default/grub'), path.join(root, 'etc/default/grub'));
  await outputOf('chroot', root, 'grub-editenv', '/boot/grub/grubenv', 'create');
  await writeGrubConfig(root);
};

/** Leaves GRUB's first two stages in `folder`, made by the root's own programs: `boot.img` and `core.img`. */
export const makeBootLoader = async (root: string, folder: string): Promise<void> => {
  const modules = ['biosdisk', 'part_gpt', 'ext2'];
  const options = ['-O', PLATFORM, '-p', '(hd0,gpt2)/boot/grub', '-o', '/core.img'];
  await outputOf('chroot', root, 'grub-mkimage', ...options, ...modules);
  await rename(path.join(root, 'core.img'), path.join(folder, 'core.img'));
  await cp(path.join(root, 'usr/lib/grub', PLATFORM, 'boot.img'), path.join(folder, 'boot.img'));
};
