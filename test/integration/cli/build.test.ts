import path from 'node:path';
import test from 'ava';
import {openStore} from '../../../engine/effects/store/open-store.ts';
import {build, scratchFolder, stage} from '../../support/builds.ts';
import {linerate} from '../../support/cli.ts';

test('what cannot be built is told before anything starts', async (t) => {
  const unknown = await linerate(['build', 'kernels/lab-6.0']);
  t.is(unknown.status, 1);
  t.is(unknown.stdout, '');
  t.regex(
    unknown.stderr,
    /^error: there is nothing to build called kernels\/lab-6\.0\n {2}hint: did you mean "kernels\/lab-6\.1"\?\n$/,
  );
  const options = await linerate(['build', 'kernels/lab-6.1', '--format', 'dep', '--target', 'el9,woody']);
  t.is(options.status, 1);
  t.regex(options.stderr, /there is no package format dep\n[\s\S]*there is no release woody\n/);
});

test('a store is listed, and what was not used is removed from it', async (t) => {
  const folder = path.join(scratchFolder(), 'store');
  await build([stage('kernels/x compile', 'touch $OUT/x')], openStore(folder));
  const listed = await linerate(['store', 'list', '--store', folder]);
  t.regex(listed.stdout, /^kernels\/x compile {2}[0-9a-f]{12} {2}\S+ KiB {2}used today\n$/);
  const json = JSON.parse((await linerate(['store', 'list', '--store', folder, '--json'])).stdout) as {
    outputs: {name: string}[];
  };
  t.deepEqual(
    json.outputs.map(({name}) => name),
    ['kernels/x compile'],
  );
  const kept = await linerate(['store', 'gc', '--store', folder]);
  t.regex(kept.stderr, /^0 outputs and sources removed/);
  const removed = await linerate(['store', 'gc', '--store', folder, '--unused', '0']);
  t.is(removed.status, 0);
  t.regex(removed.stderr, /^1 outputs and sources removed, \S+ KiB freed\n$/);
  t.is((await linerate(['store', 'list', '--store', folder])).stdout, '');
  t.is((await linerate(['store', 'gc', '--unused', 'x'])).status, 1);
});
