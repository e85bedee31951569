import {readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';

import {compileFileTemplate} from '../plan/lasting/file-template.ts';
import type {PackageTemplates} from '../stages/package/definition.ts';
import {contentRoot} from './content-root.ts';

const SUFFIX = '.hbs';

const FOLDER = 'templates/packages';

/**
 * All templates of `templates/packages` below `root` (by default the program's own), by their paths there without `.hbs`:
 * `deb/control`, `rpm/package.spec`.
 */
export const loadPackageTemplates = (root: string = contentRoot()): PackageTemplates =>
  new Map(
    readdirSync(join(root, FOLDER), {recursive: true, encoding: 'utf8'})
      .filter((name) => name.endsWith(SUFFIX))
      .sort()
      .map((name) => {
        const path = `${FOLDER}/${name}`;
        return [name.slice(0, -SUFFIX.length), compileFileTemplate(readFileSync(join(root, path), 'utf8'), path)];
      }),
  );
