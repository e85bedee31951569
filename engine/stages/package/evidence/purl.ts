import type {LockedSource} from '../../sources/lock.ts';

// Package URLs escape what URLs escape, and keep the colon (purl-spec).
const escaped = (text: string): string => encodeURIComponent(text).replaceAll('%3A', ':');

/** The package URL of a pinned source; undefined for a folder, which is nowhere else, and for a root of many packages. */
export const sourceUrl = ({request, version}: LockedSource): string | undefined => {
  switch (request.from) {
    case 'github':
      return `pkg:github/${request.repository.toLowerCase()}@${escaped(version)}`;
    case 'debian-source':
    case 'debian-package': {
      const architecture = request.from === 'debian-source' ? 'arch=source&' : '';
      return `pkg:deb/debian/${request.package}@${escaped(version)}?${architecture}distro=${request.release}`;
    }
    case 'url':
      return `pkg:generic/${escaped(request.url.split('/').at(-1) ?? '')}@${escaped(version)}?download_url=${escaped(request.url)}`;
    case 'git':
      return `pkg:generic/${escaped(request.url.split('/').at(-1) ?? '')}@${escaped(version)}?vcs_url=git%2B${escaped(request.url)}`;
    case 'debian-root':
    case 'folder':
      return undefined;
  }
};

const DEB = /^(?<name>[^_]+)_(?<version>[^_]+)_(?<architecture>[^_.]+)\.deb$/;
const RPM = /^(?<name>.+)-(?<version>[^-]+-[^-]+)\.(?<architecture>[^.]+)\.rpm$/;

/** What a package's file name says; undefined for what is none. */
export const packageOf = (file: string): {name: string; version: string; url: string} | undefined => {
  const type = DEB.test(file) ? 'deb' : 'rpm';
  const {name, version, architecture} = (type === 'deb' ? DEB : RPM).exec(file)?.groups ?? {};
  if (name === undefined || version === undefined || architecture === undefined) return undefined;
  return {name, version, url: `pkg:${type}/linerate/${name}@${escaped(version)}?arch=${architecture}`};
};
