import type {Stage} from '../stage.ts';
import type {Release} from './releases.ts';

/** What is looked at before a package counts as made; see `engine/effects/checks/package-*.ts`. */
export const packageChecks = (release: Release, builder: string): NonNullable<Stage['checks']> => [
  {check: 'package-lint', options: {}},
  {check: 'package-leaks', options: {}},
  // What a release's own builder links against is by definition what that release has.
  ...(builder === release.name ? [] : [{check: 'package-fit', options: {release: release.name}}]),
];
