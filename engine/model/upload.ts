/** Where files that were sent to a host lie: root's alone. */
export const UPLOADS = '/var/cache/linerate';

/** Where a file of the controller lies on a host: a folder for each content, so that one that is there is never sent again. */
export const uploadPath = (sha256: string, name: string): string => `${UPLOADS}/${sha256}/${name}`;

/** The SHA-256, 64 hexadecimal digits, that a path on a host promises; undefined where it is none of `uploadPath`. */
export const uploadDigest = (path: string): string | undefined =>
  /^\/var\/cache\/linerate\/([0-9a-f]{64})\/[^/]+$/.exec(path)?.[1];
