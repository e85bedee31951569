import test from 'ava';
import {loadKernel} from '../../../../engine/catalogue/kernels.ts';
import {Fault} from '../../../../engine/model/fault.ts';
import {readKernel} from '../../../../engine/stages/kernel/kernel-schema.ts';
import {configStage, kernelSources, kernelStages, patchStatusStage} from '../../../../engine/stages/kernel/stages.ts';

const codeOf = (action: () => unknown): string => {
  try {
    action();
  } catch (error) {
    if (error instanceof Fault) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'nothing was wrong';
};

test('each step takes the one before it, and two kernels of one source unpack it by the same stage', async (t) => {
  const [lab, rt] = [await loadKernel('lab-6.1'), await loadKernel('rt-6.1')];
  const of = ({name, kernel, files, scripts}: typeof lab) => kernelStages(name, kernel, files, scripts);
  t.deepEqual(
    of(lab).map(({name}) => name),
    ['unpack', 'config', 'compile'].map((step) => `kernels/lab-6.1 ${step}`),
  );
  t.deepEqual(
    of(rt).map(({name, inputs}) => `${name} < ${JSON.stringify(Object.values(inputs))}`),
    [
      'kernels/rt-6.1 unpack < [{"source":"kernels/rt-6.1"}]',
      'kernels/rt-6.1 patch < [{"stage":"kernels/rt-6.1 unpack"},{"source":"kernels/rt-6.1 patches"}]',
      'kernels/rt-6.1 config < [{"stage":"kernels/rt-6.1 patch"}]',
      'kernels/rt-6.1 compile < [{"stage":"kernels/rt-6.1 patch"},{"stage":"kernels/rt-6.1 config"}]',
    ],
  );
  const apart = (stage: ReturnType<typeof of>[number] | undefined) => ({...stage, name: '', inputs: {}});
  t.deepEqual(apart(of(lab)[0]), apart(of(rt)[0]));
  t.deepEqual(Object.keys(kernelSources(rt.name, rt.kernel)), ['kernels/rt-6.1', 'kernels/rt-6.1 patches']);
});

test("a series of others applies exactly, one's own may be off, and a kernel without patches has no status of them", async (t) => {
  const {name, kernel, files, scripts} = await loadKernel('rt-6.1');
  t.is(patchStatusStage(name, kernel, files, scripts)?.environment?.['FUZZ'], '0');
  const own = {...files, 'patches/series': 'a.patch\n', 'patches/a.patch': ''};
  t.is(patchStatusStage(name, {...kernel, patches: 'own'}, own, scripts)?.environment?.['FUZZ'], '2');
  const lab = await loadKernel('lab-6.1');
  t.is(patchStatusStage(lab.name, lab.kernel, lab.files, lab.scripts), undefined);
});

test('what a folder cannot have is told before anything is run', async (t) => {
  const {name, kernel, files, scripts} = await loadKernel('lab-6.1');
  t.is(
    codeOf(() => configStage(name, {...kernel, fragments: ['config/none.config']}, files, scripts)),
    'kernel-folder: kernels/lab-6.1 has no file config/none.config, which its fragments name',
  );
  t.is(
    codeOf(() => kernelStages(name, {...kernel, moduleSigning: {keyVariable: 'KEY'}}, files, scripts)),
    'module-signing: kernels/lab-6.1 wants its modules signed with the key of KEY, which linerate cannot do yet',
  );
  const {summary: _summary, ...without} = kernel;
  t.deepEqual(readKernel({...without, localVersion: 'lab', architecture: 'arm64'}), [
    'summary: Invalid key: Expected "summary" but received undefined',
    'localVersion: must be empty or begin with -',
    'architecture: Invalid type: Expected "x86_64" but received "arm64"',
  ]);
  t.is(readKernel(kernel), kernel);
});
