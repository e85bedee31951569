import {readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';

import {compileFileTemplate, type FileTemplate} from '../plan/lasting/file-template.ts';
import {contentRoot} from './content-root.ts';

const SUFFIX = '.hbs';

/**
 * All templates of `templates/files` below `root` (by default the program's own), by their names without `.hbs`:
 * `hold.sh`, `sysctl.conf`.
 */
export const loadFileTemplates = (root: string = contentRoot()): ReadonlyMap<string, FileTemplate> =>
  new Map(
    readdirSync(join(root, 'templates/files'))
      .filter((name) => name.endsWith(SUFFIX))
      .sort()
      .map((name) => {
        const path = `templates/files/${name}`;
        return [name.slice(0, -SUFFIX.length), compileFileTemplate(readFileSync(join(root, path), 'utf8'), path)];
      }),
  );
