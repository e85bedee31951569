import {mkdir, readFile, readdir, rm, symlink, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {outputOf} from '../command.ts';
import {FILES, KERNEL_MEMBERS, MASKED, ORDINARY_USER, PACKAGES, RELEASE} from '../recipe.ts';

// All that mmdebstrap starts and mounts ends with it, also when it is killed.
const ENDING_TOGETHER = ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc'];

/** Debian's root file system; packages come from `debs` where an earlier build left them. */
export const makeRoot = async (root: string, debs: string): Promise<void> => {
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
export const addKernel = async (root: string): Promise<string> => {
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

/** The recipe's files, services and users; `publicKey` opens root's account and the ordinary user's. */
export const addFiles = async (root: string, publicKey: string): Promise<void> => {
  for (const [file, text] of Object.entries(FILES)) {
    await mkdir(path.join(root, path.dirname(file)), {recursive: true});
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

/** A pair of keys in `folder`: `key` and `key.pub`, whose text is answered. */
export const makeKey = async (folder: string): Promise<string> => {
  const key = path.join(folder, 'key');
  await outputOf('ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', 'linerate test machine', '-f', key);
  return readFile(`${key}.pub`, 'utf8');
};
