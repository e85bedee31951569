import {existsSync, readFileSync} from 'node:fs';
import path from 'node:path';

const packageRoot = (): string => {
  let folder = import.meta.dirname;
  while (!existsSync(path.join(folder, 'package.json'))) folder = path.dirname(folder);
  return folder;
};

const field = (text: unknown, ...names: readonly string[]): string => {
  let value = text;
  for (const name of names)
    value =
      typeof value === 'object' && value !== null
        ? Object.entries(value).find(([key]) => key === name)?.[1]
        : undefined;
  return typeof value === 'string' ? value : 'unknown';
};

const packageJson = (): unknown => JSON.parse(readFileSync(path.join(packageRoot(), 'package.json'), 'utf8'));

export const packageVersion = (): string => field(packageJson(), 'version');

/** The range of Node.js versions that linerate runs on. */
export const nodeRange = (): string => field(packageJson(), 'engines', 'node');
