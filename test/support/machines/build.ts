import {chmod, cp, mkdir, readFile, readdir, rename, rm, symlink, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {outcomeOf, outputOf} from './command.ts';
import {BOOT_MODULES, FILES, KERNEL_MEMBERS, MASKED, ORDINARY_USER, PACKAGES, RELEASE} from './recipe.ts';

// All that mmdebstrap starts and mounts ends with it, also when it is killed.
const ENDING_TOGETHER = ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc'];

/** Debian's root file system; packages come from `debs` where an earlier build left them. */
const makeRoot = async (root: string, debs: string): Promise<void> => {
  await mkdir(debs, {recursive: true});
  const archives = '/var/cache/apt/archives';
  const kernel = `cd ${archives} && apt-get -qq download $(apt-cache depends linux-image-amd64 | sed -n 's/.*Depends: //p')`;
  await outputOf(
    ...ENDING_TOGETHER,
    'mmdebstrap',
    '--quiet',
    '--mode=root',
    '--variant=minbase',
    `--include=${PACKAGES.join(',')}`,
    ...['doc', 'man', 'locale', 'info'].map((part) => `--dpkgopt=path-exclude=/usr/share/${part}/*`),
    '--aptopt=APT::Sandbox::User "root"',
    '--skip=download/empty',
    '--skip=essential/unlink',
    '--skip=cleanup/apt',
    `--setup-hook=mkdir -p "$1"${archives}`,
    `--setup-hook=sync-in "${debs}" ${archives}`,
    `--customize-hook=chroot "$1" sh -c "${kernel.replaceAll('$', String.raw`\$`)}"`,
    `--customize-hook=sync-out ${archives} "${debs}"`,
    RELEASE,
    root,
  );
};

/** Unpacks the newest kernel's image and the modules a machine needs; answers its release. */
const addKernel = async (root: string): Promise<string> => {
  const archives = path.join(root, 'var/cache/apt/archives');
  const debs = await readdir(archives);
  const deb = debs
    .filter((name) => /^linux-image-\d.*\.deb$/.test(name))
    .toSorted()
    .at(-1);
  if (deb === undefined) throw new Error(`no kernel package was downloaded to ${archives}`);
  const unpack = 'dpkg-deb --fsys-tarfile "$1" | tar -x -C "$2" --keep-directory-symlink --wildcards -T "$3"';
  const members = path.join(archives, 'members');
  await writeFile(members, KERNEL_MEMBERS.join('\n'));
  await outputOf('sh', '-c', unpack, 'sh', path.join(archives, deb), root, members);
  await rm(archives, {recursive: true});
  const [release = ''] = await readdir(path.join(root, 'usr/lib/modules'));
  await outputOf('depmod', '-b', root, release);
  return release;
};

const addFiles = async (root: string, publicKey: string): Promise<void> => {
  for (const [file, text] of Object.entries(FILES)) {
    await writeFile(path.join(root, file), text, {mode: file.startsWith('/etc/sudoers.d') ? 0o440 : 0o644});
  }
  const units = path.join(root, 'etc/systemd/system');
  for (const unit of MASKED) await symlink('/dev/null', path.join(units, unit)).catch(() => undefined);
  await outputOf('chroot', root, 'systemctl', 'enable', 'systemd-networkd');
  await outputOf('chroot', root, 'useradd', '--create-home', '--shell', '/bin/bash', ORDINARY_USER);
  for (const home of ['root', `home/${ORDINARY_USER}`]) {
    const folder = path.join(root, home, '.ssh');
    await mkdir(folder, {recursive: true, mode: 0o700});
    await writeFile(path.join(folder, 'authorized_keys'), publicKey, {mode: 0o600});
  }
  await outputOf('chroot', root, 'chown', '-R', `${ORDINARY_USER}:${ORDINARY_USER}`, `/home/${ORDINARY_USER}`);
};

const initScript = (modules: readonly string[]): string =>
  [
    '#!/bin/busybox sh',
    '/bin/busybox mount -t devtmpfs dev /dev',
    ...modules.map((file) => `/bin/busybox insmod /lib/${path.basename(file)}`),
    'while ! [ -b /dev/vda ]; do /bin/busybox sleep 0.1; done',
    '/bin/busybox mount -t ext4 /dev/vda /root',
    '/bin/busybox mount -o move /dev /root/dev',
    'exec /bin/busybox switch_root /root /sbin/init',
    '',
  ].join('\n');

/** An initial file system of busybox and the modules on the way to the disk: a tenth of initramfs-tools' size and time. */
const makeInitrd = async (root: string, release: string, folder: string): Promise<void> => {
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

/** Builds `folder` whole or not at all; the caller holds the lock, so whatever lies in `building` is from a build that was cut off. */
export const build = async (folder: string, log: (line: string) => void): Promise<void> => {
  const cache = path.dirname(folder);
  const work = path.join(cache, 'building');
  const root = path.join(work, 'root');
  await rm(work, {recursive: true, force: true, maxRetries: 10, retryDelay: 200});
  await mkdir(work, {recursive: true});
  log('test machine: making the root file system (about half a minute, once)');
  await makeRoot(root, path.join(cache, 'debs'));
  log('test machine: adding the kernel');
  const release = await addKernel(root);
  await makeInitrd(root, release, work);
  await rename(path.join(root, 'boot', `vmlinuz-${release}`), path.join(work, 'vmlinuz'));
  await outputOf(
    'ssh-keygen',
    '-q',
    '-t',
    'ed25519',
    '-N',
    '',
    '-C',
    'linerate test machine',
    '-f',
    path.join(work, 'key'),
  );
  await addFiles(root, await readFile(path.join(work, 'key.pub'), 'utf8'));
  await cp(path.join(root, 'etc/ssh/ssh_host_ed25519_key.pub'), path.join(work, 'host-key.pub'));
  log('test machine: writing the disk');
  const disk = path.join(work, 'disk');
  await outputOf('truncate', '-s', '1G', disk);
  await outputOf('mkfs.ext4', '-q', '-F', '-O', '^has_journal', '-d', root, disk);
  await rm(root, {recursive: true});
  await rename(work, folder);
};

if (import.meta.main) {
  const [folder = ''] = process.argv.slice(2);
  const done = (await outcomeOf(['test', '-d', folder])).status === 0;
  if (!done) {
    await build(folder, (line) => {
      process.stderr.write(`${line}\n`);
    });
  }
}
