import {existsSync, readFileSync} from 'node:fs';
import path from 'node:path';

/** The folder of the checkout or of the installed package: the nearest one above that holds package.json. */
export const packageRoot = (): string => {
  let folder = import.meta.dirname;
  while (!existsSync(path.join(folder, 'package.json'))) folder = path.dirname(folder);
  return folder;
};

export const packageVersion = (): string => {
  const text: unknown = JSON.parse(readFileSync(path.join(packageRoot(), 'package.json'), 'utf8'));
  return typeof text === 'object' && text !== null && 'version' in text ? String(text.version) : 'unknown';
};
