import test from 'ava';
import {loadPackageContent} from '../../../../engine/catalogue/package-content.ts';
import {kernelSourceStage} from '../../../../engine/stages/package/source.ts';
import {standInKernel, standInRepositories, standInStages} from '../../../support/built-packages.ts';
import {outcomeOf} from '../../../support/machines/command.ts';

// Variables that the builder sets, and texts that another stage's words leave unused.
const KNOWN = ['--exclude=SC2154,SC2317,SC2329', '--severity=style', '--shell=sh', '-'];

const shellcheck = async (text: string): Promise<string> => {
  const {stdout, stderr} = await outcomeOf(['shellcheck', ...KNOWN], text);
  return stdout + stderr;
};

const stages = [
  ...standInStages(['trixie', 'el9']).slice(1),
  ...standInRepositories(['trixie', 'el9']),
  kernelSourceStage('kernels/stand-in', standInKernel(['el9']), {files: {}, content: loadPackageContent(), epoch: 1}),
];

test('shellcheck has nothing to say of what stages run', async (t) => {
  for (const {name, script} of stages) t.is(await shellcheck(`#!/bin/sh\n${script}`), '', name);
});

test("nor of packages' scripts", async (t) => {
  const scripts = stages.flatMap(({name, files = {}}) =>
    ['preinst', 'postinst', 'prerm', 'postrm'].flatMap((point) => {
      const text = files[point];
      return text === undefined ? [] : [{name: `${name} ${point}`, text}];
    }),
  );
  t.is(scripts.length, 5);
  for (const {name, text} of scripts) t.is(await shellcheck(text.replaceAll('@uname@', '6.1-stand-in')), '', name);
});

test('every stage of a package has a name of its own and is checked', (t) => {
  const names = stages.map(({name}) => name);
  t.is(new Set(names).size, names.length);
  for (const {name, checks} of stages)
    if (/ (?:kernel|headers)(?:-meta)?$/.test(name))
      t.deepEqual(
        checks?.map(({check}) => check),
        ['package-lint', 'package-contents'],
        name,
      );
});
