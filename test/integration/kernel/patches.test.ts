import {execFileSync} from 'node:child_process';
import {existsSync, readdirSync, readFileSync} from 'node:fs';
import path from 'node:path';
import test from 'ava';
import {outputOf} from '../../../engine/actions/build.ts';
import {patchStatuses, rejectsOf} from '../../../engine/effects/checks/kernel-patches.ts';
import {patchStatusText, rejectText} from '../../../engine/stages/kernel/patch-status.ts';
import {kernelStages, patchStatusStage} from '../../../engine/stages/kernel/stages.ts';
import {scratchFolder} from '../../support/builds.ts';
import {buildStandIn, STAND_IN, standIn} from '../../support/stand-in-kernel.ts';

const header = (file: string, from = `a/${file}`, to = `b/${file}`): string => `--- ${from}\n+++ ${to}\n`;

const HEADER = 'include/linux/kernel.h';
const MODULE = 'net/fastsocket/fastsocket.c';

const EXACT = `A limit that is higher.\n\n${header(HEADER)}@@ -8,5 +8,5 @@
 
 /* How many there may be. */
-#define LIMIT\t7
+#define LIMIT\t8
 
 #define FOURTH\t4
`;

// Two lines further up than it says.
const OFF = `${header(HEADER)}@@ -14,3 +14,3 @@
 #define FOURTH\t4
-#define FIFTH\t5
+#define FIFTH\t55
 #define SIXTH\t6
`;

// Its first line of context is another one in the tree.
const FUZZY = `${header(MODULE)}@@ -5,6 +5,6 @@
 int enable_listen_spawn = 1;
 
 int listen_limit(void)
 {
-\treturn LIMIT * enable_listen_spawn;
+\treturn LIMIT + enable_listen_spawn;
 }
`;

const THERE = `${header('arch/x86/include/asm/page.h')}@@ -1 +1 @@
-#define PAGE_SIZE 8192
+#define PAGE_SIZE 4096
`;

const REFUSED = `${header('init/main.c')}@@ -4,6 +4,6 @@
 const char *release = UTS_RELEASE;
 const char *file = __FILE__;
 
-int start_kernel(int cpu)
+int start_kernel(int cpu, int node)
 {
 \treturn LIMIT;
${header(HEADER)}@@ -13,3 +13,3 @@
 #define FIFTH\t55
-#define SIXTH\t6
+#define SIXTH\t66
 
`;

const ROOT_LEVEL = `${header('init/added.c', '/dev/null', 'init/added.c')}@@ -0,0 +1 @@
+int added;
`;

const GONE = `${header('scripts/mod/modpost.c', 'a/scripts/mod/modpost.c', '/dev/null')}@@ -1,7 +0,0 @@
-#include <stdio.h>
-
-int main(void)
-{
-\tputs(__FILE__);
-\treturn 0;
-}
`;

const SERIES = `# a series as quilt writes it
exact.patch

off.patch -p1 # two lines off
deep/fuzzy.patch
there.patch
refused.patch
root.patch -p0
gone.patch
`;

const PATCHES = {
  'patches/series': SERIES,
  'patches/exact.patch': EXACT,
  'patches/off.patch': OFF,
  'patches/deep/fuzzy.patch': FUZZY,
  'patches/there.patch': THERE,
  'patches/refused.patch': REFUSED,
  'patches/root.patch': ROOT_LEVEL,
  'patches/gone.patch': GONE,
};

const patched = async (patches: Readonly<Record<string, string>>) => {
  const {kernel, files, scripts} = await standIn();
  const own = {...kernel, patches: 'own'} as const;
  const folder = {...files, ...patches};
  const status = patchStatusStage(STAND_IN, own, folder, scripts);
  if (!status) throw new Error('a kernel with patches has a stage for their status');
  return {status, stages: kernelStages(STAND_IN, own, folder, scripts)};
};

test('each patch says what became of it, a refused one leaves nothing, and those after it are tried all the same', async (t) => {
  const {status, stages} = await patched(PATCHES);
  const report = await buildStandIn([...stages, status], scratchFolder(), [status.name]);
  const {folder} = outputOf(report, status.name);
  const statuses = await patchStatuses(folder);
  t.deepEqual(
    statuses.map((one) => `${one.patch}: ${patchStatusText(one)}`),
    [
      'exact.patch: applied',
      'off.patch: applied, 2 lines off',
      'deep/fuzzy.patch: applied, fuzz 1',
      'there.patch: already applied',
      'refused.patch: failed: 1 hunk refused',
      'root.patch: applied',
      'gone.patch: applied',
    ],
  );
  t.false(existsSync(path.join(folder, 'tree')));
  const refused = statuses.find(({patch}) => patch === 'refused.patch');
  const [reject, ...others] = refused ? await rejectsOf(folder, refused) : [];
  t.deepEqual(others, []);
  t.is(reject?.file, 'init/main.c');
  const text = reject ? rejectText(reject) : '';
  t.regex(text, /^-int start_kernel\(int cpu\)$/m);
  t.regex(text, /^init\/main\.c holds there:$/m);
  t.regex(text, /^7: int start_kernel\(void\)$/m);
});

test('a refused patch fails the build, named with its file and its place in the series', async (t) => {
  const {stages} = await patched(PATCHES);
  const report = await buildStandIn(stages, scratchFolder());
  const failed = report.stages.flatMap((stage) => (stage.state === 'failed' ? stage.faults : []));
  t.deepEqual(
    failed.map(({code, message}) => `${code}: ${message}`),
    ['patch-failed: kernels/stand-in patch: patch 5 of the series, refused.patch, does not apply to init/main.c'],
  );
  t.regex(failed[0]?.hint ?? '', /`linerate kernel patches kernels\/stand-in`[^]*^-int start_kernel/m);
});

test('the patched tree is what patch(1) makes of the source, without leftovers', async (t) => {
  const series = SERIES.replace('refused.patch\n', '').replace('there.patch\n', '');
  const {'patches/refused.patch': _refused, 'patches/there.patch': _there, ...rest} = PATCHES;
  const {stages} = await patched({...rest, 'patches/series': series});
  const report = await buildStandIn(stages, scratchFolder(), [`${STAND_IN} patch`, `${STAND_IN} unpack`]);
  const tree = path.join(outputOf(report, `${STAND_IN} patch`).folder, 'tree');
  const oracle = path.join(scratchFolder(), 'tree');
  execFileSync('cp', ['-r', path.join(outputOf(report, `${STAND_IN} unpack`).folder, 'tree'), oracle]);
  execFileSync('chmod', ['-R', 'u+w', oracle]);
  for (const [name, strip] of [
    ['exact', '1'],
    ['off', '1'],
    ['deep/fuzzy', '1'],
    ['root', '0'],
    ['gone', '1'],
  ] as const)
    execFileSync('patch', [`-p${strip}`, '-d', oracle, '--no-backup-if-mismatch', '-s'], {
      input: PATCHES[`patches/${name}.patch`],
    });
  const listed = (folder: string) => readdirSync(folder, {recursive: true, encoding: 'utf8'}).sort();
  t.deepEqual(listed(tree), listed(oracle));
  for (const file of [HEADER, MODULE, 'init/added.c'])
    t.is(readFileSync(path.join(tree, file), 'utf8'), readFileSync(path.join(oracle, file), 'utf8'));
  t.false(existsSync(path.join(tree, 'scripts/mod/modpost.c')));
});
