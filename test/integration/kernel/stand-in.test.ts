import {execFileSync} from 'node:child_process';
import {existsSync, readdirSync, readFileSync} from 'node:fs';
import path from 'node:path';
import test from 'ava';
import {outputOf} from '../../../engine/actions/build.ts';
import type {BuildReport} from '../../../engine/actions/build-types.ts';
import {firstDifference} from '../../../engine/effects/store/compare.ts';
import type {Fault} from '../../../engine/model/fault.ts';
import {kernelOutput} from '../../../engine/stages/kernel/output.ts';
import {configStage, FULL_CONFIG, kernelStages} from '../../../engine/stages/kernel/stages.ts';
import {scratchFolder} from '../../support/builds.ts';
import {buildStandIn, STAND_IN, standIn} from '../../support/stand-in-kernel.ts';

const faultsOf = ({stages}: BuildReport): readonly Fault[] =>
  stages.flatMap((stage) => (stage.state === 'failed' ? stage.faults : []));

const CONFIG = `${STAND_IN} config`;
const COMPILE = `${STAND_IN} compile`;

/** The stand-in with its full configuration committed. */
const committed = async () => {
  const {kernel, files, scripts} = await standIn();
  const config = configStage(STAND_IN, kernel, files, scripts, false);
  const [unpack] = kernelStages(STAND_IN, kernel, files, scripts);
  const report = await buildStandIn([...(unpack ? [unpack] : []), config], scratchFolder());
  const full = readFileSync(path.join(outputOf(report, CONFIG).folder, 'config'), 'utf8');
  return {kernel, files: {...files, [FULL_CONFIG]: full}, scripts};
};

const filesBelow = (folder: string): readonly string[] =>
  readdirSync(folder, {recursive: true, withFileTypes: true})
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));

test('a kernel of an era becomes what packages are made from, the same bytes again, and nothing is done twice', async (t) => {
  const {kernel, files, scripts} = await committed();
  const stages = kernelStages(STAND_IN, kernel, files, scripts);
  const folder = scratchFolder();
  const report = await buildStandIn(stages, folder);
  t.deepEqual(faultsOf(report), []);
  const out = outputOf(report, COMPILE).folder;

  const release = readFileSync(path.join(out, 'version'), 'utf8').trim();
  t.is(release, '2.6.32-431.17.1.el6-fastsocket');
  const layout = kernelOutput(release);
  for (const place of Object.values(layout)) t.true(existsSync(path.join(out, place)), place);
  t.regex(
    readFileSync(path.join(out, layout.vmlinuz), 'latin1'),
    /#1 linerate@linerate \w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d UTC \d{4}\n$/,
  );
  const module = path.join(out, layout.modules, 'kernel/net/fastsocket/fastsocket.ko');
  t.notRegex(execFileSync('readelf', ['-SW', module], {encoding: 'utf8'}), /debug/);
  t.deepEqual(readdirSync(path.join(out, layout.modules)), ['kernel']);
  const headers = path.join(out, 'headers');
  for (const file of [
    'Makefile',
    '.config',
    'Module.symvers',
    'Kconfig',
    'include/linux/kernel.h',
    'arch/x86/include/asm/page.h',
  ])
    t.true(existsSync(path.join(headers, file)), file);
  t.is(
    readFileSync(path.join(headers, 'include/generated/utsrelease.h'), 'utf8'),
    `#define UTS_RELEASE "${release}"\n`,
  );
  t.is(execFileSync(path.join(headers, 'scripts/mod/modpost'), {encoding: 'utf8'}), 'scripts/mod/modpost.c\n');
  for (const file of filesBelow(out)) t.false(readFileSync(file, 'latin1').includes('/linerate/'), file);

  const again = await buildStandIn(stages, folder);
  t.is(new Set(again.stages.map(({state}) => state)).size, 1);
  t.is(again.stages[0]?.state, 'found');
  const elsewhere = await buildStandIn(stages, scratchFolder());
  t.is(await firstDifference(out, outputOf(elsewhere, COMPILE).folder), undefined);
});

test('an option that the configuration drops stops the build, with what it lacks and where that was said', async (t) => {
  const {kernel, files, scripts} = await standIn();
  const text =
    '# CONFIG_INET is not set\nCONFIG_FASTSOCKET=m\nCONFIG_PREEMPT_RT=y\nCONFIG_NET_RX_BUSY_POLL=y\nCONFIG_FASTSOCKETS=y\n# CONFIG_PREMPT is not set\n';
  const stages = kernelStages(STAND_IN, kernel, {...files, 'config/own.config': text}, scripts);
  const report = await buildStandIn(stages, scratchFolder());
  t.deepEqual(
    faultsOf(report).map(({code, at, message}) => `${code} ${at ?? ''} ${message}`),
    [
      'kernel-option-dropped kernels/stand-in/config/own.config:2 CONFIG_FASTSOCKET=m was dropped: depends on INET (=n: kernels/stand-in/config/own.config:1) (net/fastsocket/Kconfig:1)',
      'kernel-option-dropped kernels/stand-in/config/own.config:4 CONFIG_NET_RX_BUSY_POLL=y was dropped: nobody can ask for it: it comes with !PREEMPT_RT (=y: kernels/stand-in/config/own.config:3)',
      'kernel-option-dropped kernels/stand-in/config/own.config:5 CONFIG_FASTSOCKETS=y was dropped: this kernel has no such option; FASTSOCKET does',
      'kernel-option-dropped kernels/stand-in/config/own.config:6 CONFIG_PREMPT=n means nothing: this kernel has no such option',
    ],
  );
  t.is(report.stages.find(({name}) => name === COMPILE)?.state, 'skipped');
});

test('a configuration that is not the committed one stops the build with what differs', async (t) => {
  const {kernel, files, scripts} = await committed();
  const changed = {...files, [FULL_CONFIG]: files[FULL_CONFIG].replace('CONFIG_PCI=y', '# CONFIG_PCI is not set')};
  const report = await buildStandIn(kernelStages(STAND_IN, kernel, changed, scripts), scratchFolder());
  const [fault, ...more] = faultsOf(report);
  t.deepEqual(more, []);
  t.is(fault?.code, 'kernel-config-drift');
  t.is(fault?.at, `${STAND_IN}/${FULL_CONFIG}`);
  t.true(fault?.hint?.endsWith('\n  CONFIG_PCI: n → y'), fault?.hint);
  const none = await buildStandIn(kernelStages(STAND_IN, kernel, (await standIn()).files, scripts), scratchFolder());
  t.is(faultsOf(none)[0]?.message, 'kernels/stand-in has no full configuration committed');
});
