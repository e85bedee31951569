import {cp, mkdir, rename, rm} from 'node:fs/promises';
import path from 'node:path';
import {addBootFiles, makeBootLoader} from './boot-files.ts';
import {outcomeOf} from '../command.ts';
import {writeDisk} from './disk.ts';
import {makeInitrd} from './initrd.ts';
import {addFiles, addKernel, makeKey, makeRoot} from './root.ts';

/** Builds `folder` whole or not at all; the caller holds the lock, so whatever lies in `building` is from a build that was cut off. */
export const build = async (folder: string, log: (line: string) => void): Promise<void> => {
  const cache = path.dirname(folder);
  const work = path.join(cache, 'building');
  const root = path.join(work, 'root');
  await rm(work, {recursive: true, force: true, maxRetries: 10, retryDelay: 200});
  await mkdir(work, {recursive: true});
  log('test machine: making the root file system (about half a minute, once)');
  await makeRoot(root, path.join(cache, 'debs'));
  log('test machine: adding kernel and boot loader');
  const release = await addKernel(root);
  await makeInitrd(root, release, work);
  await addFiles(root, await makeKey(work));
  await addBootFiles(root, release);
  await makeBootLoader(root, work);
  await cp(path.join(root, 'boot', `vmlinuz-${release}`), path.join(work, 'vmlinuz'));
  await cp(path.join(root, 'etc/ssh/ssh_host_ed25519_key.pub'), path.join(work, 'host-key.pub'));
  log('test machine: writing the disk');
  await writeDisk(path.join(work, 'disk'), root, work);
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
