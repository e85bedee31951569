import {execFileSync} from 'node:child_process';
import {mkdirSync} from 'node:fs';
import path from 'node:path';
import {buildStages} from '../../engine/actions/build.ts';
import type {BuildReport} from '../../engine/actions/build-types.ts';
import {contentRoot} from '../../engine/catalogue/content-root.ts';
import {loadKernel} from '../../engine/catalogue/kernels.ts';
import {openBuilders} from '../../engine/effects/builders/open-builders.ts';
import {openStore} from '../../engine/effects/store/open-store.ts';
import type {Kernel} from '../../engine/stages/kernel/kernel.ts';
import type {FolderFiles, KernelScripts} from '../../engine/stages/kernel/stages.ts';
import type {LockedSource} from '../../engine/stages/sources/lock.ts';
import type {Stage} from '../../engine/stages/stage.ts';

const TREE = path.resolve(import.meta.dirname, '../fixtures/kernels/stand-in');

/** The name that the stand-in goes by. */
export const STAND_IN = 'kernels/stand-in';

/**
 * The folder of Fastsocket's kernel with another source: a small tree that answers to the same targets of make, built by this
 * machine's own compiler.
 */
export const standIn = async (): Promise<{kernel: Kernel; files: FolderFiles; scripts: KernelScripts}> => {
  const {kernel, scripts} = await loadKernel('kernels/fastsocket-2.6.32', contentRoot());
  return {
    kernel: {...kernel, builder: 'here', fragments: ['config/own.config'], source: {from: 'folder', path: TREE}},
    files: {'config/own.config': 'CONFIG_FASTSOCKET=m\n# CONFIG_PREEMPT_RT is not set\n'},
    scripts,
  };
};

/** A source's folder as fetching it leaves it: the tree below `fastsocket/kernel`, packed. */
const packed = (folder: string): string => {
  mkdirSync(folder, {recursive: true});
  const words = [
    '-C',
    TREE,
    '--transform',
    's,^\\.,fastsocket/kernel,',
    '-cf',
    path.join(folder, 'fastsocket.tar'),
    '.',
  ];
  execFileSync('tar', words);
  return folder;
};

const LOCKED: LockedSource = {
  request: {from: 'folder', path: TREE},
  version: 'test',
  files: [{name: 'fastsocket.tar', sha256: '0'.repeat(64), size: 1, urls: []}],
};

/** Builds stages of the stand-in in a store below `folder`. */
export const buildStandIn = async (
  stages: readonly Stage[],
  folder: string,
  targets: readonly string[] = stages.map(({name}) => name),
): Promise<BuildReport> => {
  const store = openStore(path.join(folder, 'store'));
  return buildStages(stages, {
    store,
    sources: {locked: {[STAND_IN]: LOCKED}, fetch: async () => Promise.resolve(packed(path.join(folder, 'source')))},
    builder: openBuilders({cache: path.join(folder, 'cache'), ccache: false}),
    signal: new AbortController().signal,
    processors: 1,
    targets,
  });
};
