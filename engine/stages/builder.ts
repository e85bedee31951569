import * as v from 'valibot';

const text = v.pipe(v.string(), v.minLength(1, 'must not be empty'));

/** The names of Debian packages: https://www.debian.org/doc/debian-policy/ch-controlfields.html#source */
const packageName = v.pipe(v.string(), v.regex(/^[a-z0-9][a-z0-9+.-]+$/, 'must be the name of a Debian package'));

const Definition = v.variant('kind', [
  v.strictObject({
    kind: v.literal('chroot'),
    summary: text,
    /** A release of Debian's archive: `bookworm`. */
    release: v.pipe(v.string(), v.regex(/^[a-z][a-z0-9-]*$/, 'must be a release such as bookworm')),
    /** What is there beside the essential packages. */
    packages: v.pipe(v.array(packageName), v.minLength(1, 'must name a package')),
  }),
  v.strictObject({
    kind: v.literal('ssh'),
    summary: text,
    /** How what such a machine says of its system begins (`/etc/redhat-release`, else PRETTY_NAME of `/etc/os-release`). */
    system: text,
  }),
]);

/** A builder that a file of `builders/` defines: a chroot, or what a machine must be that is reached over SSH. */
export type BuilderDefinition = v.InferOutput<typeof Definition>;

/** Reads a definition, or says all that is wrong with it. */
export const readBuilder = (value: unknown): BuilderDefinition | readonly string[] => {
  const parsed = v.safeParse(Definition, value);
  if (parsed.success) return parsed.output;
  return parsed.issues.map((issue) => `${v.getDotPath(issue) ?? 'it'}: ${issue.message}`);
};
