import {shellQuote} from '../../model/shell.ts';
import type {PackageDefinition, PackagedFile} from './definition.ts';
import {packageVersion, VERSION_FILTER} from './version.ts';

const PLACES: Readonly<Record<string, string>> = {'@uname@': '"$UNAME"', '@version@': '"$VERSION"'};

/** One word of the script for a text whose `@uname@` and `@version@` are only known when it runs. */
export const filledWord = (text: string): string =>
  text
    .split(/(@uname@|@version@)/)
    .filter((part) => part !== '')
    .map((part) => PLACES[part] ?? shellQuote(part))
    .join('');

/** Sets `UNAME` and `VERSION`. */
export const versionLines = (version: PackageDefinition['version']): readonly string[] =>
  typeof version === 'string'
    ? [`UNAME=${shellQuote(version)}`, `VERSION=${shellQuote(packageVersion(version))}`]
    : [
        `read -r UNAME <"$IN"/${shellQuote(version.file)}`,
        `VERSION=$(printf '%s\\n' "\${UNAME%${shellQuote(version.ending)}}" | ${VERSION_FILTER})`,
      ];

/** The name in `$FILES` of the text of a packaged file. */
const textName = (place: number): string => `file-${String(place)}`;

const lines = (file: PackagedFile, place: number): readonly string[] => {
  const to = filledWord(file.path);
  if ('ghost' in file) return [`ghost ${to}`];
  if ('link' in file) return [`link ${filledWord(file.link)} ${to}`];
  if ('text' in file) return [`text ${textName(place)} ${to}`];
  return [
    `lay ${filledWord(file.from)} ${to}`,
    ...(file.without ?? []).map((name) => `leave_out ${to} ${shellQuote(name)}`),
    ...(file.stripped ? [`strip_programs ${to}`] : []),
  ];
};

const modeLines = ({path, mode}: PackagedFile): readonly string[] =>
  mode === undefined ? [] : [`mode ${mode.toString(8)} ${filledWord(path)}`];

/** The lines that lay a package's files down below `$ROOT`, by the words of `templates/packages/laying.sh.hbs`. */
export const layingLines = (files: readonly PackagedFile[]): readonly string[] => [
  ...files.flatMap(lines),
  'usual_modes',
  ...files.flatMap(modeLines),
];

/** What `$FILES` holds of texts that are packaged. */
export const packagedTexts = (files: readonly PackagedFile[]): Readonly<Record<string, string>> =>
  Object.fromEntries(files.flatMap((file, place) => ('text' in file ? [[textName(place), file.text] as const] : [])));

/** The programs that laying files down takes, beside those of every system. */
export const layingTools = (files: readonly PackagedFile[]): readonly string[] =>
  files.some((file) => 'stripped' in file) ? ['strip'] : [];
