import {readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import * as v from 'valibot';
import {parse} from 'yaml';

import {Fault} from '../model/fault.ts';
import {printableLine} from '../model/printable.ts';
import {compileFileTemplate} from '../plan/lasting/file-template.ts';
import type {PackageContent} from '../stages/package/definition.ts';
import type {LintException} from '../stages/package/lint.ts';
import {contentRoot} from './content-root.ts';

const SUFFIX = '.hbs';

const FOLDER = 'templates/packages';

const Exceptions = v.array(
  v.strictObject({
    by: v.picklist(['lintian', 'rpmlint']),
    tag: v.string(),
    about: v.exactOptional(v.string()),
    why: v.pipe(v.string(), v.minLength(1, 'must say why')),
  }),
);

const templatesIn = (root: string): PackageContent['templates'] =>
  new Map(
    readdirSync(join(root, FOLDER), {recursive: true, encoding: 'utf8'})
      .filter((name) => name.endsWith(SUFFIX))
      .sort()
      .map((name) => {
        const path = `${FOLDER}/${name}`;
        return [name.slice(0, -SUFFIX.length), compileFileTemplate(readFileSync(join(root, path), 'utf8'), path)];
      }),
  );

const exceptionsIn = (root: string): readonly LintException[] => {
  const at = `${FOLDER}/lint.yaml`;
  try {
    return v.parse(Exceptions, parse(readFileSync(join(root, at), 'utf8')));
  } catch (cause) {
    const reason = printableLine(cause instanceof Error ? cause.message : String(cause));
    throw new Fault({
      code: 'lint-exceptions',
      owner: 'user',
      message: `${at} cannot be used: ${reason}`,
      at,
      cause,
    });
  }
};

/**
 * What packages are made with: all templates of `templates/packages` below `root` (by default the program's own), by their paths
 * there without `.hbs` (`deb/control`), and what linters are known to say.
 * @throws Fault `lint-exceptions`
 */
export const loadPackageContent = (root: string = contentRoot()): PackageContent => ({
  templates: templatesIn(root),
  lintExceptions: exceptionsIn(root),
});
