import type {Stage} from '../stage.ts';
import {wrapped} from './wrapped.ts';
import {render} from './templates.ts';
import type {PackageContext, PackageDefinition, PackagedFile, ScriptPoint} from './definition.ts';
import {dependencyText} from './dependencies.ts';
import {packageChecks} from './package-checks.ts';
import {layingLines, layingTools, packagedTexts, versionLines} from './laying.ts';
import type {Release} from './releases.ts';
import {markedRelease} from './version.ts';

const SCRIPTS = ['preinst', 'postinst', 'prerm', 'postrm'] as const satisfies readonly ScriptPoint[];

const ARCHITECTURES = {x86_64: 'amd64', any: 'all'} as const;

/** Text of a control file's field after its first line: a blank before each line, a dot for an empty one (deb-control(5)). */
const extended = (paragraphs: readonly string[]): string =>
  paragraphs
    .join('\n\n')
    .split('\n')
    .map((line) => ` ${line === '' ? '.' : line}`)
    .join('\n');

const controlOf = (definition: PackageDefinition, version: string, context: PackageContext): string => {
  const {depends = [], provides = [], conflicts = [], architecture, description, ...rest} = definition;
  return render(context.content, 'deb/control', {
    ...rest,
    version,
    maintainer: context.maintainer,
    architecture: ARCHITECTURES[architecture],
    depends: depends.map((one) => dependencyText(one, 'deb', version)).join(', '),
    provides: provides.join(', '),
    conflicts: conflicts.join(', '),
    description: extended(description.map((paragraph) => wrapped(paragraph))),
  });
};

const configurations = (files: readonly PackagedFile[]): string =>
  files.flatMap(({kind, path}) => (kind === 'config' ? [`${path}\n`] : [])).join('');

const scripts = (definition: PackageDefinition): Readonly<Record<string, string>> =>
  Object.fromEntries(
    SCRIPTS.flatMap((point) => {
      const text = definition.scripts?.[point];
      return text === undefined ? [] : [[point, text]];
    }),
  );

/**
 * The stage that makes the .deb of a definition; its output is that file.
 * @throws Fault `package-version`
 */
export const debStage = (definition: PackageDefinition, release: Release, context: PackageContext): Stage => {
  const version = `@version@-${markedRelease(definition, release)}`;
  // A ghost is RPM's word; dpkg knows no file that is not there.
  const files = definition.files.filter((file) => !('ghost' in file));
  return {
    name: context.name,
    inputs: context.inputs,
    script: render(context.content, 'deb/build.sh', {
      versions: versionLines(definition.version).join('\n'),
      words: render(context.content, 'laying.sh', {}),
      laying: layingLines(files).join('\n'),
    }),
    files: {
      ...packagedTexts(files),
      ...scripts(definition),
      control: controlOf(definition, version, context),
      conffiles: configurations(files),
      changelog: render(context.content, 'deb/changelog', {...definition, version, maintainer: context.maintainer}),
    },
    environment: {COMPRESSION: release.compression, SOURCE_DATE_EPOCH: String(context.epoch)},
    tools: ['dpkg-deb', 'gzip', ...layingTools(files)],
    builder: context.builder,
    checks: packageChecks(release, context),
  };
};
