import {mkdir, symlink, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {shellJoin, shellQuote} from '../../model/shell.ts';
import type {Job} from './builder.ts';
import type {Launch} from './script-run.ts';

/** All that a group is, with linerate: it holds the other end of descriptor 3, and its death closes that. */
const LEASH = `{ cat >/dev/null; kill -KILL 0; } <&3 &
exec 3<&-`;

const quoted = (environment: Readonly<Record<string, string>>): string =>
  shellJoin(Object.entries(environment).map(([name, value]) => `${name}=${value}`));

/** A stage in plain folders, for machines that let nobody make namespaces: nothing keeps the script from the rest. */
export const plainLaunch = async (job: Job, paths: string): Promise<Launch> => {
  const folder = (name: string): string => path.join(job.scratch, name);
  for (const name of ['in', 'work', 'home', 'tmp']) await mkdir(folder(name), {recursive: true});
  for (const [name, input] of Object.entries(job.inputs)) await symlink(input, path.join(folder('in'), name));
  await writeFile(folder('script'), job.script);
  const environment = {
    PATH: paths,
    HOME: folder('home'),
    TMPDIR: folder('tmp'),
    IN: folder('in'),
    FILES: job.files,
    OUT: job.out,
    WORK: folder('work'),
    ...job.environment,
  };
  const text = `${LEASH}
umask 022
cd ${shellQuote(folder('work'))}
exec /usr/bin/env -i ${quoted(environment)} /bin/sh -eu ${shellQuote(folder('script'))}`;
  return {kind: 'group', words: ['/bin/sh', '-c', text]};
};
