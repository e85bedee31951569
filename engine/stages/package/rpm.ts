import {shellQuote} from '../../model/shell.ts';
import type {Stage} from '../stage.ts';
import type {PackageContext, PackageDefinition, PackagedFile, ScriptPoint} from './definition.ts';
import {dependencyText} from './dependencies.ts';
import {filledWord, layingLines, layingTools, packagedTexts, versionLines} from './laying.ts';
import {packageChecks} from './package-checks.ts';
import type {Release} from './releases.ts';
import {render} from './templates.ts';
import {wrapped} from './wrapped.ts';
import {markedRelease} from './version.ts';

const SECTIONS = [
  ['preinst', 'pre'],
  ['postinst', 'post'],
  ['prerm', 'preun'],
  ['postrm', 'postun'],
  ['posttrans', 'posttrans'],
] as const satisfies readonly (readonly [ScriptPoint, string])[];

const ARCHITECTURES = {x86_64: 'x86_64', any: 'noarch'} as const;

// A higher level takes ten times as long for a twentieth less. The number of threads is told, as the bytes with one are others
// than with several.
const PAYLOADS = {xz: 'w6T2.xzdio', zstd: 'w12T2.zstdio'} as const;

const MARKS = {file: '', config: '%config(noreplace) ', doc: '%doc ', ghost: '%ghost '} as const;

const kindOf = (file: PackagedFile): keyof typeof MARKS => ('ghost' in file ? 'ghost' : (file.kind ?? 'file'));

/** The lines of the script that list what is in the package; what is listed twice is what it was last. */
const listingLines = (files: readonly PackagedFile[]): string =>
  files.map((file) => `list ${shellQuote(MARKS[kindOf(file)])} ${filledWord(file.path)}`).join('\n');

const sectionsOf = (definition: PackageDefinition): readonly {section: string; text: string}[] =>
  SECTIONS.flatMap(([point, section]) => {
    const text = definition.scripts?.[point];
    return text === undefined ? [] : [{section, text}];
  });

// In a spec's text a percent sign begins a macro, and stands for itself when doubled.
const plain = (text: string): string => text.replaceAll('%', '%%');

const specOf = (definition: PackageDefinition, release: string, context: PackageContext): string => {
  const {depends = [], provides = [], conflicts = [], description, architecture, ...rest} = definition;
  return render(context.content, 'rpm/package.spec', {
    ...rest,
    summary: plain(rest.summary.replace(/^./, (first) => first.toUpperCase())),
    description: plain(description.map((paragraph) => wrapped(paragraph)).join('\n\n')),
    release,
    maintainer: context.maintainer,
    architecture: ARCHITECTURES[architecture],
    requires: depends.map((one) => dependencyText(one, 'rpm', `@version@-${release}`)),
    provides,
    conflicts,
    sections: sectionsOf(definition).map(({section, text}) => ({section, text: plain(text)})),
  });
};

/**
 * The stage that makes the RPM of a definition; its output is that file.
 * @throws Fault `package-version`
 */
export const rpmStage = (definition: PackageDefinition, release: Release, context: PackageContext): Stage => ({
  name: context.name,
  inputs: context.inputs,
  script: render(context.content, 'rpm/build.sh', {
    versions: versionLines(definition.version).join('\n'),
    words: render(context.content, 'laying.sh', {}),
    laying: layingLines(definition.files).join('\n'),
    listing: listingLines(definition.files),
  }),
  files: {
    ...packagedTexts(definition.files),
    'package.spec': specOf(definition, markedRelease(definition, release), context),
  },
  environment: {
    PAYLOAD: PAYLOADS[release.compression],
    ARCHITECTURE: ARCHITECTURES[definition.architecture],
    SOURCE_DATE_EPOCH: String(context.epoch),
  },
  tools: ['rpmbuild', ...layingTools(definition.files)],
  builder: context.builder,
  checks: packageChecks(release, context),
});
