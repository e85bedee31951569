import {readdirSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';

import {Fault} from '../model/fault.ts';

const hasTemplates = (folder: string): boolean => {
  try {
    return readdirSync(join(folder, 'templates')).includes('workloads');
  } catch {
    return false;
  }
};

/** The folder that holds `templates/`: two levels up from the sources, three from the compiled package's `dist/`. */
export const contentRoot = (): string => {
  const here = dirname(fileURLToPath(import.meta.url));
  const candidates = [join(here, '../..'), join(here, '../../..')];
  const found = candidates.find(hasTemplates);
  if (found !== undefined) return found;
  throw new Fault({
    code: 'content-missing',
    message: `there is no templates folder beside ${here}`,
    owner: 'tool',
    hint: 'install linerate again',
  });
};
