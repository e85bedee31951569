import {Fault} from '../../../model/fault.ts';
import {printableLine} from '../../../model/printable.ts';
import {packagePath} from '../../../resources/package.ts';
import type {LocalFile} from '../parameter/local-file.ts';
import type {Wish} from '../recipe.ts';
import {detailsOf, type WishDetails} from './details.ts';

/**
 * A package from the host's repositories: any version, or exactly this one in the package program's own spelling
 * (`1.22.1-9+deb12u1`, `1:1.20.1-14.el9`). It is not updated once it is there. Nothing that it brings is started by its
 * installation. A repository's own file belongs into an earlier phase.
 */
export const installed = (name: string, options: WishDetails & {version?: string}): Wish => ({
  set: `package ${name}`,
  to: options.version ?? 'present',
  ...detailsOf(options),
});

/** A package that shall not be installed; with `purge` its configuration goes too, which nothing brings back. */
export const removed = (name: string, options: WishDetails & {purge?: true}): Wish => ({
  set: `package ${name}`,
  to: options.purge ? 'absent' : 'removed',
  ...detailsOf(options),
});

const DEB = /^([a-z0-9][a-z0-9+.-]+)_([^_]+)_[a-z0-9]+\.deb$/;
const RPM = /^(.+)-([^-]+-[^-]+)\.[^.]+\.rpm$/;

type Named = {name: string; version: string; suffix: 'deb' | 'rpm'};

/** What a package's file is called by those who build packages: `NAME_VERSION_ARCH.deb`, `NAME-VERSION-RELEASE.ARCH.rpm`. */
const namedBy = (file: string): Named | undefined => {
  const suffix = file.endsWith('.deb') ? 'deb' : 'rpm';
  const [, name, version] = (suffix === 'deb' ? DEB : RPM).exec(file) ?? [];
  return name === undefined || version === undefined
    ? undefined
    : {name, version: version.replaceAll('%3a', ':'), suffix};
};

/**
 * A package out of a file of the controller, which is sent to the host; what it depends on comes from the host's
 * repositories. Name and version are those of the file's name, and are compared with what it holds before it is installed.
 * @throws Fault `package-file` where the name is none of a .deb or .rpm
 */
export const packageFile = (file: LocalFile, options: WishDetails): Wish => {
  const named = namedBy(file.name);
  if (!named)
    throw new Fault({
      code: 'package-file',
      owner: 'user',
      message: `"${printableLine(file.name, 100)}" is not called as packages are`,
      hint: 'NAME_VERSION_ARCH.deb or NAME-VERSION-RELEASE.ARCH.rpm',
    });
  return {
    set: `package ${named.name}`,
    to: `${named.version} sha256:${file.sha256}`,
    ...detailsOf(options),
    uploads: [{from: file.path, to: packagePath(named.name, file.sha256, named.suffix)}],
  };
};
