import type {Stage} from '../stage.ts';
import type {PackageContext} from './definition.ts';
import type {Release} from './releases.ts';

/** What is looked at before a package counts as made; see `engine/effects/checks/package-*.ts`. */
export const packageChecks = (
  {name, family}: Release,
  {builder, content}: PackageContext,
): NonNullable<Stage['checks']> => {
  const by = family === 'deb' ? 'lintian' : 'rpmlint';
  return [
    {check: 'package-lint', options: {by, exceptions: content.lintExceptions.filter((one) => one.by === by)}},
    // What a release's own builder links against is by definition what that release has.
    {check: 'package-contents', options: {release: builder === name ? null : name}},
  ];
};
