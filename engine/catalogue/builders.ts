import {existsSync, readdirSync, readFileSync} from 'node:fs';
import path from 'node:path';
import {parse} from 'yaml';
import {Fault, Faults} from '../model/fault.ts';
import {printable, printableLine} from '../model/printable.ts';
import {nearestName} from '../plan/nearest.ts';
import {readBuilder, type BuilderDefinition} from '../stages/builder.ts';
import {contentRoot} from './content-root.ts';

const FOLDER = 'builders';
const ENDING = '.yaml';

/** The names of all builders that files define. */
export const builderNames = (root: string = contentRoot()): readonly string[] => {
  const folder = path.join(root, FOLDER);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith(ENDING))
    .map((name) => name.slice(0, -ENDING.length))
    .sort();
};

const unknownBuilder = (name: string, root: string): Fault => {
  const names = ['here', ...builderNames(root)];
  const near = nearestName(name, names);
  return new Fault({
    code: 'unknown-builder',
    owner: 'user',
    message: `there is no builder ${printable(name)}`,
    hint: near === undefined ? `there are ${names.join(', ')}` : `did you mean "${near}"?`,
  });
};

const parsed = (text: string, at: string): unknown => {
  try {
    return parse(text);
  } catch (cause) {
    const reason = printableLine(cause instanceof Error ? cause.message : String(cause), 300);
    throw new Fault({code: 'builder-definition', owner: 'user', message: `${at} cannot be read: ${reason}`, at, cause});
  }
};

/**
 * Reads `builders/NAME.yaml`.
 * @throws Fault or Faults `unknown-builder`, `builder-definition`
 */
export const loadBuilder = (name: string, root: string = contentRoot()): BuilderDefinition => {
  if (!builderNames(root).includes(name)) throw unknownBuilder(name, root);
  const at = `${FOLDER}/${name}${ENDING}`;
  const definition = readBuilder(parsed(readFileSync(path.join(root, at), 'utf8'), at));
  if ('kind' in definition) return definition;
  throw new Faults(
    definition.map((wrong) => new Fault({code: 'builder-definition', owner: 'user', message: `${at}: ${wrong}`, at})),
  );
};
