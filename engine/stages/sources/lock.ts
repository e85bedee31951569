import type {Digest} from '../stage.ts';

/** What a folder asks for: resolved once, by `linerate lock`, to something that never changes. */
export type SourceRequest =
  /**
   * The newest tag that a semver range allows, or exactly this tag; its tarball, or the asset of its release whose name
   * matches (`*` stands for any letters). `api` is an enterprise's own: `https://github.example.org/api/v3`.
   */
  | {from: 'github'; repository: string; version: string; asset?: string; api?: string}
  /** Debian's source package, of a release's archive; its newest where no version is given. */
  | {
      from: 'debian-source';
      package: string;
      version?: string;
      release: string;
      /** Not the upstream's source, which may be large: the .dsc and Debian's own files, its patches among them. */
      only?: 'packaging';
    }
  /** A binary package of Debian's such as `linux-source-6.12`. */
  | {from: 'debian-package'; package: string; version?: string; release: string}
  /** The essential packages of a Debian release, these, and all that they depend on. */
  | {from: 'debian-root'; release: string; packages: readonly string[]}
  /** A file behind a URL; `sha256` where its publisher tells it, `signature` a URL of a detached one by `key`. */
  | {from: 'url'; url: string; sha256?: Digest; signature?: {url: string; key: string}}
  /** A branch, tag or commit; packed as a tar of its tree. */
  | {from: 'git'; url: string; reference: string}
  /** A folder of this machine, packed as a tar; pinned too, so that it cannot change unseen. */
  | {from: 'folder'; path: string};

/** One file of a pinned source. */
export type LockedFile = {
  name: string;
  sha256: Digest;
  size: number;
  /** Where it was, the best place first: the archive's pool, then a snapshot that keeps old versions. */
  urls: readonly string[];
};

/** A source as it was pinned. */
export type LockedSource = {
  request: SourceRequest;
  /** What the request became: `v6.12.3`, `6.1.176-1`, a commit. */
  version: string;
  files: readonly LockedFile[];
};

/** `sources.lock.json`: sources by their names, in the order of the names. */
export type SourcesLock = {format: 'linerate-sources'; version: 1; sources: Readonly<Record<string, LockedSource>>};
