import type {Dependency} from './dependencies.ts';
import type {LintException} from './lint.ts';

/**
 * A version as upstream says it, or one that is only known once an input is made: the line of `file`, without `ending`.
 * Texts and paths of a definition then say `@version@` for the package's version and `@uname@` for the line whole.
 */
export type UpstreamVersion = string | {file: string; ending: string};

/** `config` is kept where the administrator changed it, `doc` may be left out, `ghost` belongs to the package and is made later. */
export type FileKind = 'file' | 'config' | 'doc' | 'ghost';

/**
 * What a package lays down; everything belongs to root. A folder comes whole, but for what is named as in `without` (shell
 * patterns), anywhere below it; `stripped` takes from its programs what only a debugger reads. Folders get mode 0755, and
 * programs and scripts that could be executed; other files 0644, unless told otherwise.
 */
export type PackagedFile = {path: string; kind?: FileKind; mode?: number} & (
  {from: string; without?: readonly string[]; stripped?: true} | {text: string} | {link: string} | {ghost: true}
);

/** Points in a package's life, in dpkg's words; RPM's `%pre`, `%post`, `%preun`, `%postun`, and `%posttrans`. */
export type ScriptPoint = 'preinst' | 'postinst' | 'prerm' | 'postrm' | 'posttrans';

/** One definition, of which a DEB or an RPM is made. */
export type PackageDefinition = {
  name: string;
  /** The source it is made from: Debian's `Source`. */
  source: string;
  version: UpstreamVersion;
  /** Counts packages of one version, from 1; the target release's mark follows it. */
  release: number;
  architecture: 'x86_64' | 'any';
  /** One line without a full stop, not beginning with the name. */
  summary: string;
  /** Paragraphs of plain text. */
  description: readonly string[];
  /** An SPDX expression. */
  licence: string;
  url: string;
  section: string;
  files: readonly PackagedFile[];
  depends?: readonly Dependency[];
  /** In the family's own syntax, `@version@` and `@uname@` filled in. */
  provides?: readonly string[];
  conflicts?: readonly string[];
  /** As POSIX sh, for the family that it is made for: what arguments mean differs. */
  scripts?: Readonly<Partial<Record<ScriptPoint, string>>>;
};

/** What a package is made with beside its definition. */
export type PackageContext = {
  /** Of the stage. */
  name: string;
  /** Inputs of the stage by their names; `from` of a file begins with one. */
  inputs: Readonly<Record<string, {stage: string} | {source: string}>>;
  builder: string;
  content: PackageContent;
  /** Who answers for it: `NAME <MAIL>`. */
  maintainer: string;
  /** The time of its files and of its changelog, in seconds since 1970; never the build's own. */
  epoch: number;
};

/** What packages are made with, as `engine/catalogue/package-content.ts` loads it. */
export type PackageContent = {
  /** `templates/packages` by their paths there without `.hbs`, made into functions of their variables. */
  templates: ReadonlyMap<string, (variables: Readonly<Record<string, unknown>>) => string>;
  lintExceptions: readonly LintException[];
};
