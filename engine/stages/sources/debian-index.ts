import type {SourceRequest} from './lock.ts';
import {filesIn, parseDeb822, type Paragraph} from './deb822.ts';
import {compareDebianVersions} from './debian-version.ts';

export type DebianRequest = Extract<SourceRequest, {from: 'debian-source' | 'debian-package'}>;

/** A file of an archive's pool; `path` is seen from the archive's top. */
export type PoolFile = {name: string; path: string; sha256: string; size: number};

/** One version of a package as an index tells it. */
export type Candidate = {version: string; files: readonly PoolFile[]};

/** The paragraphs of an index, of tens of megabytes, that are about one package. */
export const paragraphsOf = (index: string, name: string): readonly Paragraph[] => {
  const text = `\n${index}\n`;
  const found: Paragraph[] = [];
  const line = `\nPackage: ${name}\n`;
  for (let place = text.indexOf(line); place !== -1; place = text.indexOf(line, place + 1)) {
    const start = text.lastIndexOf('\n\n', place) + 1;
    const end = text.indexOf('\n\n', place + 1);
    found.push(...parseDeb822(text.slice(start, end === -1 ? undefined : end)));
  }
  return found;
};

const isDigest = (text: string): boolean => /^[0-9a-f]{64}$/.test(text);

const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

const ofSource = (paragraph: Paragraph): Candidate => ({
  version: paragraph.get('Version') ?? '',
  files: filesIn(paragraph.get('Checksums-Sha256')).map(({name, digest, size}) => ({
    name,
    path: `${paragraph.get('Directory') ?? ''}/${name}`,
    sha256: digest,
    size,
  })),
});

const ofBinary = (paragraph: Paragraph): Candidate => {
  const path = paragraph.get('Filename') ?? '';
  const [sha256, size] = [paragraph.get('SHA256') ?? '', Number(paragraph.get('Size'))];
  return {version: paragraph.get('Version') ?? '', files: [{name: baseName(path), path, sha256, size}]};
};

const isWhole = ({version, files}: Candidate): boolean =>
  version !== '' &&
  files.length > 0 &&
  files.every(({name, path, sha256}) => isDigest(sha256) && /^[\w.+~%:-]+$/.test(name) && !path.includes('..'));

const PACKAGING = /\.(?:dsc|debian\.tar\.\w+|diff\.gz)$/;

const wanted = ({version, files}: Candidate, request: DebianRequest): Candidate =>
  request.from === 'debian-source' && request.only === 'packaging'
    ? {version, files: files.filter(({name}) => PACKAGING.test(name))}
    : {version, files};

/** The versions of a package that an index offers. Source: deb822(5), Debian's Packages and Sources files. */
export const candidatesIn = (index: string, request: DebianRequest): readonly Candidate[] =>
  paragraphsOf(index, request.package)
    // Kept only because something was built with it: apt does not take it of itself either.
    .filter((paragraph) => request.version !== undefined || paragraph.get('Extra-Source-Only') !== 'yes')
    .map(request.from === 'debian-source' ? ofSource : ofBinary)
    .map((candidate) => wanted(candidate, request))
    .filter(isWhole);

/** The version that was asked for, or the newest. */
export const newestOf = <T extends {version: string}>(
  candidates: readonly T[],
  version: string | undefined,
): T | undefined =>
  candidates
    .filter((one) => version === undefined || one.version === version)
    .sort((a, b) => compareDebianVersions(b.version, a.version))[0];
