import type {Stage} from '../stage.ts';
import type {PackageContext} from './definition.ts';
import type {Release} from './releases.ts';
import {render} from './templates.ts';

/** What a repository is made with; the packages' stages are its inputs. */
export type RepositoryContext = Pick<PackageContext, 'name' | 'content' | 'epoch' | 'inputs'>;

/** What each family makes repositories with. */
const TOOLS = {deb: ['apt-ftparchive', 'gzip', 'xz'], rpm: ['createrepo_c']} as const;

/** `apt-bookworm`, `dnf-el9`: the folder that is the stage's output, to be served as it is. */
export const repositoryFolder = ({family, name}: Release): string => `${family === 'deb' ? 'apt' : 'dnf'}-${name}`;

/**
 * The stage that makes a repository of a release's packages, unsigned: apt's with `pool` and `dists`, dnf's with
 * `repodata`. Signing it is another matter (`engine/effects/signing`), so that it can be compared before.
 */
export const repositoryStage = (release: Release, context: RepositoryContext): Stage => ({
  name: context.name,
  inputs: context.inputs,
  script: render(context.content, `${release.family}/repository.sh`, {
    folder: repositoryFolder(release),
    codename: release.name,
    title: release.title,
  }),
  environment: {SOURCE_DATE_EPOCH: String(context.epoch)},
  tools: TOOLS[release.family],
  builder: 'here',
});
