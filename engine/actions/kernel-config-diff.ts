import {existsSync} from 'node:fs';
import {readFile} from 'node:fs/promises';
import path from 'node:path';
import {kernelNames, loadKernel} from '../catalogue/kernels.ts';
import {symbolsOfTree} from '../effects/checks/kernel-config.ts';
import {openStore} from '../effects/store/open-store.ts';
import {Fault} from '../model/fault.ts';
import {printable} from '../model/printable.ts';
import {configurationDifferences, parseConfiguration, type Difference} from '../stages/kernel/kconfig/configuration.ts';
import {headingsOf} from '../stages/kernel/kconfig/headings.ts';
import type {Symbols} from '../stages/kernel/kconfig/symbols.ts';
import {FULL_CONFIG, treeStage} from '../stages/kernel/stages.ts';
import {stageId} from '../stages/stage-id.ts';
import {sha256} from './build-plan.ts';

/** Options that differ, below the title of their menu. */
export type DifferenceGroup = {heading: string; differences: readonly (Difference & {prompt?: string})[]};

type Side = {text: string; symbols: Symbols};

const NO_SYMBOLS: Symbols = new Map();

/** Prompts are in a kernel's tree: they are told where the store holds it from a build. */
const symbolsFrom = async (stage: string, store: string): Promise<Symbols> => {
  const opened = openStore(store);
  const record = await opened.lastOf(stage);
  const stored = record && (await opened.find(stageId(record, sha256)));
  return stored ? symbolsOfTree(path.join(stored.folder, 'tree')) : NO_SYMBOLS;
};

const nothingThere = (given: string, message: string): Fault =>
  new Fault({
    code: 'kernel-config',
    owner: 'user',
    message,
    hint: `a kernel (${kernelNames().join(', ')}) or the path of a .config is wanted, not ${printable(given)}`,
  });

const sideOf = async (given: string, store: string): Promise<Side> => {
  const isFile = existsSync(given) && !existsSync(path.join(given, 'kernel.ts'));
  if (isFile) {
    const text = await readFile(given, 'utf8').catch((cause: unknown) => {
      throw new Fault({code: 'kernel-config', owner: 'user', message: `${printable(given)} cannot be read`, cause});
    });
    return {text, symbols: NO_SYMBOLS};
  }
  const {name, kernel, files} = await loadKernel(given);
  const text = files[FULL_CONFIG];
  if (text === undefined) throw nothingThere(given, `${name} has no full configuration committed`);
  return {text, symbols: await symbolsFrom(treeStage(name, kernel), store)};
};

const promptOf = (name: string, {symbols}: Side): string | undefined =>
  symbols.get(name)?.definitions.find(({prompt}) => prompt !== undefined)?.prompt?.text;

/** What one kernel has off and the other does not know is off in both. */
const isFelt = ({before, after}: Difference): boolean => (before ?? 'n') !== (after ?? 'n');

/**
 * The options in which two configurations differ, by the titles of their menus.
 * @param store where trees of earlier builds lie
 * @throws Fault `kernel-config`, `unknown-kernel`
 */
export const kernelConfigDiff = async (
  before: string,
  after: string,
  store: string,
): Promise<readonly DifferenceGroup[]> => {
  const [a, b] = [await sideOf(before, store), await sideOf(after, store)];
  const headings = new Map([...headingsOf(a.text), ...headingsOf(b.text)]);
  const groups = new Map<string, DifferenceGroup['differences']>();
  const differences = configurationDifferences(parseConfiguration(a.text), parseConfiguration(b.text));
  for (const difference of differences.filter(isFelt)) {
    const heading = headings.get(difference.name) ?? '';
    const prompt = promptOf(difference.name, b) ?? promptOf(difference.name, a);
    groups.set(heading, [...(groups.get(heading) ?? []), {...difference, ...(prompt === undefined ? {} : {prompt})}]);
  }
  return [...groups].map(([heading, differences]) => ({heading, differences}));
};
