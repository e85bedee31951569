import {execFileSync} from 'node:child_process';
import path from 'node:path';
import test from 'ava';
import {outputOf} from '../../../engine/actions/build.ts';
import {openBuilders} from '../../../engine/effects/builders/open-builders.ts';
import {firstDifference} from '../../../engine/effects/store/compare.ts';
import {openStore} from '../../../engine/effects/store/open-store.ts';
import {build, scratchFolder, stage} from '../../support/builds.ts';

/** What ccache counts: https://ccache.dev/manual/4.8.html#_statistics */
const count = (cache: string, name: string): number => {
  const text = execFileSync('ccache', ['--print-stats'], {
    encoding: 'utf8',
    env: {CCACHE_DIR: path.join(cache, 'ccache')},
  });
  return Number(new RegExp(`^${name}\t(\\d+)$`, 'm').exec(text)?.[1]);
};

// Two names of the compiler, a path in the output, a header that was made just now.
const SCRIPT = `
  mkdir -p $WORK/deep/$DEPTH; cd $WORK/deep/$DEPTH
  printf 'int value = 7;\\n' >value.h
  printf '#include "value.h"\\nconst char *file = __FILE__, *date = __DATE__;\\n' >one.c
  gcc -g -c one.c -o $OUT/one.o
  cc -g -O2 -c $WORK/deep/$DEPTH/one.c -o $OUT/two.o`;

test('what was compiled once is not compiled again by another stage, in another store, and the bytes are the same', async (t) => {
  const folder = scratchFolder();
  const cache = path.join(folder, 'cache');
  const once = async (store: string, ccache: boolean, note: string) => {
    const {report} = await build(
      [stage('a compile', SCRIPT, {environment: {DEPTH: 'x', NOTE: note}, tools: ['gcc']})],
      openStore(path.join(folder, store)),
      {builder: openBuilders({cache, ccache})},
    );
    return outputOf(report, 'a compile').folder;
  };
  const first = await once('one', true, 'first');
  t.is(count(cache, 'cache_miss'), 2);
  const second = await once('another/deeper', true, 'second');
  t.is(count(cache, 'cache_miss'), 2);
  t.is(count(cache, 'direct_cache_hit'), 2);
  const without = await once('without', false, 'third');
  t.is(await firstDifference(first, second), undefined);
  t.is(await firstDifference(first, without), undefined);
  t.is(count(cache, 'direct_cache_hit'), 2);
});
