import {printableLine} from '../../model/printable.ts';
import {candidatesIn} from '../../stages/sources/debian-index.ts';
import {placesOf, type Archive} from '../../stages/sources/debian-places.ts';
import type {LockedFile} from '../../stages/sources/lock.ts';
import {readIndices, withArchives, type IndexText} from './apt.ts';
import type {SourceContext} from './context.ts';
import {debianOrigin} from './debian.ts';
import {requestFault} from './faults.ts';
import type {Origin, RequestFrom} from './origin.ts';
import {complaint, runProgram} from './program.ts';

type Chosen = {name: string; version: string};

/** `Inst bash (5.2.15-2+b2 Debian:12.11/stable [amd64])`: apt's simulation, the words of apt-get(8) `-s`. */
const INSTALLED = /^Inst (\S+) \((\S+) /;

/** What apt would install into an empty folder: the essential packages, those that are asked for, and what they need. */
const choose = async (
  {release, packages}: RequestFrom<'debian-root'>,
  configuration: string,
  context: SourceContext,
): Promise<readonly Chosen[]> => {
  const words = ['-c', configuration, '-qq', '-s', '--no-install-recommends', 'install', '?essential', ...packages];
  const said = await runProgram('apt-get', words, {signal: context.signal, environment: context.environment});
  if (said.status !== 0)
    throw requestFault(
      'source-version',
      `the archives of ${printableLine(release)} cannot make this root folder: ${complaint(said)}`,
    );
  return said.stdout.split('\n').flatMap((line) => {
    const [, name, version] = INSTALLED.exec(line) ?? [];
    return name === undefined || version === undefined ? [] : [{name, version}];
  });
};

type Told = {archive: Archive; text: string};

const NAME = /^Package: (\S+)$/m;

/** An index tells of sixty thousand packages: the paragraphs of those that are wanted, by their names. */
const paragraphs = (
  indices: readonly IndexText[],
  names: ReadonlySet<string>,
): ReadonlyMap<string, readonly Told[]> => {
  const found = new Map<string, Told[]>();
  for (const {archive, text} of indices)
    for (const paragraph of text.split('\n\n')) {
      const name = NAME.exec(paragraph)?.[1];
      if (name !== undefined && names.has(name))
        found.set(name, [...(found.get(name) ?? []), {archive, text: `${paragraph}\n`}]);
    }
  return found;
};

const fileOf = ({name, version}: Chosen, release: string, told: readonly Told[]): LockedFile => {
  const request = {from: 'debian-package', package: name, version, release} as const;
  const found = told.flatMap(({archive, text}) =>
    candidatesIn(text, request).flatMap(({files}) => files.map((file) => ({file, archive}))),
  );
  const [first] = found;
  if (!first) throw requestFault('source-version', `the archives of ${release} no longer hold ${name} ${version}`);
  const {name: fileName, sha256, size} = first.file;
  const urls = new Set(found.flatMap(({file, archive}) => placesOf(file.path, archive)));
  return {name: fileName, sha256, size, urls: [...urls]};
};

/** The packages of a root folder, each pinned. */
export const debianRootOrigin: Origin<RequestFrom<'debian-root'>> = {
  async resolve(_name, request, store, context) {
    const {release} = request;
    return withArchives(release, 'Packages', store, context, async (configuration) => {
      const chosen = await choose(request, configuration, context);
      const names = new Set(chosen.map(({name}) => name));
      const told = paragraphs(await readIndices(configuration, context), names);
      const files = chosen
        .map((one) => fileOf(one, release, told.get(one.name) ?? []))
        .sort((a, b) => (a.name < b.name ? -1 : 1));
      return {request, version: `${String(files.length)} packages`, files};
    });
  },
  async fetch(name, {release}, pinned, store, context) {
    return debianOrigin.fetch(name, {from: 'debian-package', package: name, release}, pinned, store, context);
  },
};
