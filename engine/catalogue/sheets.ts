import {readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';

import {compileSheet} from '../plan/sheet-compile.ts';
import {parseFolklore} from '../plan/sheet-folklore.ts';
import {parseKnowledge} from '../plan/sheet-knowledge.ts';
import type {SettingKnowledge, Sheet, Sheets} from '../plan/sheet.ts';
import {contentRoot} from './content-root.ts';

const names = (root: string, folder: string, suffix: string): string[] =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith(suffix))
    .sort();

const read = (root: string, path: string): string => readFileSync(join(root, path), 'utf8');

const sheetsIn = (root: string, folder: string, layer: Sheet['layer']): Map<string, Sheet> =>
  new Map(
    names(root, folder, '.yaml.hbs')
      .map((name) => `${folder}/${name}`)
      .map((path) => compileSheet(read(root, path), path, layer))
      .map((sheet) => [sheet.id, sheet]),
  );

// In kernels such as 6.1 the PCI driver of the module gve called itself gvnic (drivers/net/ethernet/google/gve/gve_main.c).
const OTHER_NAMES: Readonly<Record<string, string>> = {gvnic: 'gve'};

const withOtherNames = (sheets: Map<string, Sheet>): Map<string, Sheet> => {
  for (const [name, id] of Object.entries(OTHER_NAMES)) {
    const sheet = sheets.get(id);
    if (sheet) sheets.set(name, sheet);
  }
  return sheets;
};

const knowledgeIn = (root: string): SettingKnowledge[] =>
  names(root, 'templates/settings', '.yaml')
    .map((name) => `templates/settings/${name}`)
    .flatMap((path) => parseKnowledge(read(root, path), path));

/**
 * All sheets, folklore and knowledge of the `templates` folder below `root` (by default the program's own); a file's name
 * is its id. Throws `Fault`s of the content with file and line.
 */
export const loadSheets = (root: string = contentRoot()): Sheets => ({
  workloads: sheetsIn(root, 'templates/workloads', 'workload'),
  nics: withOtherNames(sheetsIn(root, 'templates/nics', 'nic')),
  folklore: parseFolklore(read(root, 'templates/folklore.yaml'), 'templates/folklore.yaml'),
  knowledge: knowledgeIn(root),
});
