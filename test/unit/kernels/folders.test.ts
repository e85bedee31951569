import {spawnSync} from 'node:child_process';
import {readdirSync} from 'node:fs';
import path from 'node:path';
import test from 'ava';
import {NIC_FAMILIES} from '../../../dataplane/nics.ts';
import {contentRoot} from '../../../engine/catalogue/content-root.ts';
import {kernelNames, loadKernel} from '../../../engine/catalogue/kernels.ts';
import {Fault} from '../../../engine/model/fault.ts';
import {generatedFragment, KERNEL_FILE} from '../../../engine/stages/kernel/generated-fragment.ts';
import {parseConfiguration, requestedOptions} from '../../../engine/stages/kernel/kconfig/configuration.ts';
import {FULL_CONFIG, kernelStages} from '../../../engine/stages/kernel/stages.ts';

const fullOf = async (name: string): Promise<ReadonlyMap<string, string>> =>
  parseConfiguration((await loadKernel(name)).files[FULL_CONFIG] ?? '');

test('every folder is a kernel whose stages can be told, under a name of its own', async (t) => {
  const names = kernelNames();
  t.deepEqual(names, ['kernels/fastsocket-2.6.32', 'kernels/lab-6.1', 'kernels/rt-6.1', 'kernels/throughput-6.12']);
  for (const name of names) {
    const {kernel, files, scripts} = await loadKernel(name);
    const stages = kernelStages(name, kernel, files, scripts);
    t.is(stages.at(-1)?.name, `${name} compile`);
    t.true(stages.every((stage) => stage.builder === kernel.builder));
    t.true(name.endsWith(`-${kernel.version}`), name);
  }
});

test('the committed configurations hold all that the fragments ask for', async (t) => {
  for (const name of kernelNames()) {
    const {kernel, files} = await loadKernel(name);
    // What it needs to be configured is not to be had everywhere: nothing is committed for it.
    if (kernel.builder !== 'here') continue;
    const fragments = kernel.fragments.map((file) => ({path: file, text: files[file] ?? ''}));
    const requested = requestedOptions([...fragments, {path: KERNEL_FILE, text: generatedFragment(kernel)}]);
    const full = await fullOf(name);
    for (const [option, {value, at}] of requested) t.is(full.get(option) ?? 'n', value, `${name}: ${option} of ${at}`);
  }
});

/** The option of a driver, where it is not the driver's own name. */
const OPTIONS: Readonly<Record<string, string>> = {
  bnxt_en: 'BNXT',
  ena: 'ENA_ETHERNET',
  mana: 'MICROSOFT_MANA',
  tg3: 'TIGON3',
};

test('the kernel for throughput drives every NIC that is known, and has what it promises', async (t) => {
  const full = await fullOf('kernels/throughput-6.12');
  for (const {driver} of NIC_FAMILIES)
    t.regex(full.get(OPTIONS[driver] ?? driver.toUpperCase()) ?? 'n', /^[ym]$/, driver);
  const promised =
    'XDP_SOCKETS BPF_SYSCALL BPF_JIT RPS RFS_ACCEL XPS TCP_CONG_BBR NET_SCH_FQ DEFAULT_FQ HUGETLBFS TRANSPARENT_HUGEPAGE VFIO VFIO_PCI VFIO_NOIOMMU BLK_DEV_NVME ENA_ETHERNET EFI EFI_STUB IO_URING DEBUG_INFO_BTF NET_RX_BUSY_POLL';
  for (const option of promised.split(' ')) t.regex(full.get(option) ?? 'n', /^[ym]$/, option);
});

test('the realtime kernel is one, and has not what its series cannot have', async (t) => {
  const full = await fullOf('kernels/rt-6.1');
  t.is(full.get('PREEMPT_RT'), 'y');
  t.is(full.get('NET_RX_BUSY_POLL') ?? 'n', 'n');
  t.is(full.get('TRANSPARENT_HUGEPAGE') ?? 'n', 'n');
});

test('a kernel that is not there names the one that was meant', async (t) => {
  const fault = await t.throwsAsync(loadKernel('kernels/rt-6'), {instanceOf: Fault});
  t.is(fault.code, 'unknown-kernel');
  t.is(fault.hint, 'did you mean "kernels/rt-6.1"?');
  t.is((await loadKernel('rt-6.1')).name, 'kernels/rt-6.1');
});

test('the scripts of the stages are clean for shellcheck', (t) => {
  const folder = path.join(contentRoot(), 'templates/kernel');
  const files = readdirSync(folder).map((file) => path.join('templates/kernel', file));
  const {stdout} = spawnSync('shellcheck', ['-x', '-s', 'sh', ...files], {cwd: contentRoot(), encoding: 'utf8'});
  t.is(stdout, '');
  t.is(files.length, 5);
});
