import {OWN} from '../../facts/own-files.ts';
import {Fault} from '../../model/fault.ts';
import {printableLine} from '../../model/printable.ts';
import type {Setting, SettingId} from '../../model/setting.ts';
import type {FileTemplate} from './file-template.ts';

/** Templates of `templates/files` by their names without `.hbs`. */
export type FileTemplates = ReadonlyMap<string, FileTemplate>;

/** A file as it shall be, and the settings whose values it carries. */
export type LastingFile = {path: string; text: string; mode: number; carries: readonly SettingId[]; why: string};

/** Renders one of the program's own templates; a `Fault` (`content-missing`) when it is not there. */
export const rendered = (
  templates: FileTemplates,
  name: string,
  variables: Readonly<Record<string, unknown>>,
): string => {
  const template = templates.get(name);
  if (template) return template({hold: OWN.hold, script: OWN.holdScript, ...variables});
  throw new Fault({
    code: 'content-missing',
    message: `there is no template templates/files/${name}.hbs`,
    owner: 'tool',
    hint: 'install linerate again',
  });
};

export const idsOf = (contributions: readonly {setting: Setting}[]): readonly SettingId[] =>
  contributions.map(({setting}) => setting.id);

/** A setting's reason and source as one line of a comment. */
export const commentOf = ({why, source, limit}: Setting): string =>
  printableLine(`${why}${limit === undefined ? '' : ` (${limit})`} [${source}]`);
