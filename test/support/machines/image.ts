import {spawn} from 'node:child_process';
import {createHash} from 'node:crypto';
import {existsSync} from 'node:fs';
import {mkdir, readdir, readFile} from 'node:fs/promises';
import {homedir} from 'node:os';
import path from 'node:path';

const BUILDERS = path.join(import.meta.dirname, 'image');

/** Where images are kept: one folder per recipe, and the downloaded packages that all recipes share. */
export const imageCache = (): string =>
  path.join(process.env['XDG_CACHE_HOME'] ?? path.join(homedir(), '.cache'), 'linerate', 'test-machines');

/**
 * Runs the builder under a lock that the kernel gives back when its holder dies, and tells its progress. Both end with
 * this process.
 */
const buildLocked = async (cache: string, folder: string, log: (line: string) => void): Promise<void> =>
  new Promise((resolve, reject) => {
    const argv = [
      '--pdeathsig',
      'TERM',
      'flock',
      '--no-fork',
      path.join(cache, 'lock'),
      process.execPath,
      path.join(BUILDERS, 'build.ts'),
      folder,
    ];
    const child = spawn('setpriv', argv, {stdio: ['ignore', 'ignore', 'pipe']});
    let last = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      last = `${last}${text}`.slice(-2000);
      for (const line of text.split('\n')) if (line.startsWith('test machine:')) log(line);
    });
    child.on('error', reject);
    child.on('close', (status) => {
      if (status === 0) resolve();
      else reject(new Error(`the test machine's image could not be built: ${last.trim()}`));
    });
  });

const digestOfSources = async (): Promise<string> => {
  const digest = createHash('sha256');
  const builders = (await readdir(BUILDERS)).toSorted().map((name) => path.join(BUILDERS, name));
  for (const file of [path.join(import.meta.dirname, 'recipe.ts'), ...builders]) digest.update(await readFile(file));
  return digest.digest('hex').slice(0, 16);
};

/**
 * The folder of the finished image (`disk`, `vmlinuz`, `initrd`, `key`, `host-key.pub`), built on first use. Its name is
 * the digest of recipe and builders. Runs at the same time wait for one build.
 */
export const imageFolder = async (log: (line: string) => void): Promise<string> => {
  const cache = imageCache();
  const folder = path.join(cache, await digestOfSources());
  if (existsSync(folder)) return folder;
  await mkdir(cache, {recursive: true});
  await buildLocked(cache, folder, log);
  return folder;
};
