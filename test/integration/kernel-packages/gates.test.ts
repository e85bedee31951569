import {mkdtempSync} from 'node:fs';
import {rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import test from 'ava';
import type {TargetRelease} from '../../../engine/stages/kernel/kernel.ts';
import {buildIn, standInStages} from '../../support/built-packages.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'linerate-package-gates-'));
test.after.always(async () => rm(folder, {recursive: true, force: true}));

const V = '6.1.176-stand-in';

/** What stages of a target ended as: `built`, or the codes and sentences of what they failed at. */
const outcomes = async (
  name: string,
  target: TargetRelease,
  extra: string,
  wanted: RegExp,
): Promise<Readonly<Record<string, string | readonly string[]>>> => {
  const stages = standInStages([target], V, extra).filter(
    ({name: stage}) => stage.endsWith(' compile') || wanted.test(stage),
  );
  const report = await buildIn(path.join(folder, name), stages);
  return Object.fromEntries(
    report.stages
      .filter((stage) => !stage.name.endsWith(' compile'))
      .map((stage) => [
        stage.name.replace('kernels/stand-in ', ''),
        stage.state === 'failed' ? stage.faults.map(({code, message}) => `${code}: ${message}`) : stage.state,
      ]),
  );
};

test('linters have nothing to say of DEBs but what an exception is made for', async (t) => {
  t.deepEqual(await outcomes('deb', 'bookworm', '', /./), {
    'deb bookworm kernel': 'built',
    'deb bookworm headers': 'built',
    'deb bookworm kernel-meta': 'built',
    'deb bookworm headers-meta': 'built',
  });
});

test('nor of RPMs, and a program of this machine does not run on an older release', async (t) => {
  t.deepEqual(await outcomes('el9', 'el9', '', /./), {'rpm el9 kernel': 'built', 'rpm el9 headers': 'built'});
  t.deepEqual(await outcomes('el8', 'el8', '', /./), {
    'rpm el8 kernel': 'built',
    'rpm el8 headers': [
      `package-misfit: kernels/stand-in rpm el8 headers: /usr/src/kernels/${V}/scripts/basic/fixdep needs GLIBC_2.34 of libc.so.6, and Enterprise Linux 8 has GLIBC_2.28`,
    ],
  });
});

test('a name of the builder in a package stops it', async (t) => {
  const extra = `echo 'all: # /linerate/work/tree' >"$OUT/headers/Makefile"`;
  const [fault, ...others] =
    (await outcomes('leak', 'trixie', extra, / deb trixie headers$/))['deb trixie headers'] ?? [];
  t.is(
    fault,
    `package-leak: kernels/stand-in deb trixie headers: /usr/src/linux-headers-${V}/Makefile holds "/linerate/work", a name of the machine that built it`,
  );
  t.deepEqual(others, []);
});

test('what a linter says stops a package', async (t) => {
  const extra = `: >"$OUT/lib/modules/$V/modules.order"`;
  t.deepEqual(await outcomes('lint', 'al2023', extra, / rpm al2023 kernel$/), {
    'rpm al2023 kernel': [
      `package-lint: kernels/stand-in rpm al2023 kernel: rpmlint says error zero-length of kernel-stand-in-6.1.176-1.amzn2023.x86_64.rpm: /lib/modules/${V}/modules.order`,
    ],
  });
});
