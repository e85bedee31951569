import {printableLine} from '../../model/printable.ts';
import {candidatesIn, newestOf, type DebianRequest} from '../../stages/sources/debian-index.ts';
import {placesOf, withMirrors} from '../../stages/sources/debian-places.ts';
import type {LockedFile} from '../../stages/sources/lock.ts';
import {findTool} from '../tools.ts';
import {archiveIndices, machineSources} from './apt.ts';
import {aptDownload} from './apt-download.ts';
import type {SourceContext} from './context.ts';
import {requestFault} from './faults.ts';
import {fetchFile, firstPlace} from './fetch-file.ts';
import type {Origin} from './origin.ts';

const absent = (request: DebianRequest, versions: readonly string[]): Error => {
  const {package: name, version, release} = request;
  const what = request.from === 'debian-source' ? 'source package' : 'package';
  const wanted = printableLine(version === undefined ? name : `${name} ${version}`);
  const there = [...new Set(versions)].join(', ');
  return requestFault(
    'source-version',
    `the archives of ${printableLine(release)} hold no ${what} ${wanted}`,
    there === '' ? undefined : `they hold ${printableLine(there)}`,
  );
};

/** A lock may be anybody's text: an address must not become an option of apt's, nor one of its odder transports. */
const isPlain = (url: string): boolean => /^(?:https?:\/\/|file:\/)/.test(url);

const fileHere = async (release: string, file: LockedFile, context: SourceContext): Promise<LockedFile> => ({
  ...file,
  urls: withMirrors(file.urls.filter(isPlain), await machineSources(release, context)),
});

/** Debian's packages, sources and binaries, and those of archives made like its own. */
export const debianOrigin: Origin<DebianRequest> = {
  async resolve(_name, request, store, context) {
    const index = request.from === 'debian-source' ? 'Sources' : 'Packages';
    const indices = await archiveIndices(request.release, index, store, context);
    const candidates = indices.flatMap(({archive, text}) =>
      candidatesIn(text, request).map((candidate) => ({...candidate, archive})),
    );
    const newest = newestOf(candidates, request.version);
    if (!newest)
      throw absent(
        request,
        candidatesIn(indices.map(({text}) => text).join('\n'), request).map(({version}) => version),
      );
    const archives = candidates.filter(({version}) => version === newest.version).map(({archive}) => archive);
    const files = newest.files.map(({name, path, sha256, size}) => {
      const places = archives.flatMap((archive) => placesOf(path, archive));
      return {name, sha256, size, urls: [...new Set(places)]};
    });
    return {request, version: newest.version, files};
  },
  async fetch(name, request, {file}, store, context) {
    // What is pinned can be fetched without apt too.
    if ((await findTool('apt-get')) === undefined) return fetchFile(name, file, store, context);
    const here = await fileHere(request.release, file, context);
    return firstPlace(name, here, store, context, async (url, partial) => aptDownload(url, here, partial, context));
  },
};
