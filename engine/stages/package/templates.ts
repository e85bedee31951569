import {Fault} from '../../model/fault.ts';
import type {PackageContent} from './definition.ts';

/**
 * A template of `templates/packages` with its variables filled in.
 * @throws Fault `package-template` where there is none of this name; and what rendering it throws
 */
export const render = (
  {templates}: PackageContent,
  name: string,
  variables: Readonly<Record<string, unknown>>,
): string => {
  const template = templates.get(name);
  if (template) return template(variables);
  throw new Fault({
    code: 'package-template',
    owner: 'tool',
    message: `there is no template templates/packages/${name}.hbs`,
    hint: 'install linerate again',
  });
};
