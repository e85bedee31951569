import {parseDeb822, type Paragraph} from './deb822.ts';

/** One entry of APT's sources. Source: sources.list(5). */
export type AptSource = {
  types: readonly string[];
  uris: readonly string[];
  suites: readonly string[];
  components: readonly string[];
  /** The rest, by the names of the .sources format: `Signed-By`, … */
  options: Readonly<Record<string, string>>;
};

const words = (text: string | undefined): readonly string[] => (text ?? '').split(/\s+/).filter((word) => word !== '');

const OWN = new Set(['types', 'uris', 'suites', 'components', 'enabled']);

const fieldOf = (paragraph: Paragraph, name: string): string | undefined =>
  [...paragraph].find(([field]) => field.toLowerCase() === name)?.[1];

const ofParagraph = (paragraph: Paragraph): readonly AptSource[] =>
  /^(?:no|false|off|0|without|disable)$/i.test(fieldOf(paragraph, 'enabled') ?? 'yes')
    ? []
    : [
        {
          types: words(fieldOf(paragraph, 'types')),
          uris: words(fieldOf(paragraph, 'uris')),
          suites: words(fieldOf(paragraph, 'suites')),
          components: words(fieldOf(paragraph, 'components')),
          options: Object.fromEntries([...paragraph].filter(([field]) => !OWN.has(field.toLowerCase()))),
        },
      ];

const LINE = /^\s*(deb|deb-src)\s+(?:\[([^\]]*)\]\s*)?(\S+)\s+(\S+)([^#]*)/;
const LONG_NAMES: Readonly<Record<string, string>> = {arch: 'Architectures', lang: 'Languages', target: 'Targets'};

const ofLine = (line: string): readonly AptSource[] => {
  const [, type, options = '', uri, suite, components] = LINE.exec(line) ?? [];
  if (type === undefined || uri === undefined || suite === undefined) return [];
  const pairs = words(options).map((option) => {
    const [name = '', value = ''] = option.split(/=(.*)/s);
    return [LONG_NAMES[name] ?? name, value.replaceAll(',', ' ')] as const;
  });
  return [
    {types: [type], uris: [uri], suites: [suite], components: words(components), options: Object.fromEntries(pairs)},
  ];
};

/** The entries of a file of APT's sources: `.sources` are paragraphs, all others lines. */
export const parseAptSources = (text: string, file: string): readonly AptSource[] =>
  file.endsWith('.sources') ? parseDeb822(text).flatMap(ofParagraph) : text.split('\n').flatMap(ofLine);

const suitesOf = (release: string): readonly string[] => [
  release,
  `${release}-updates`,
  `${release}-security`,
  `${release}/updates`,
];

/** What a machine's sources hold of a release: its packages' archives, with its updates and its security archive. */
export const ofRelease = (sources: readonly AptSource[], release: string): readonly AptSource[] =>
  sources.flatMap((source) => {
    const suites = source.suites.filter((suite) => suitesOf(release).includes(suite));
    return suites.length === 0 || !source.types.includes('deb') ? [] : [{...source, suites}];
  });

const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';
/** Debian's own archives. A lock names these places, whichever mirror a machine uses. */
export const OFFICIAL = {
  main: 'https://deb.debian.org/debian/',
  security: 'https://security.debian.org/debian-security/',
} as const;

const official = (uri: string, suites: readonly string[]): AptSource => ({
  types: ['deb'],
  uris: [uri],
  suites,
  components: ['main'],
  options: {'Signed-By': KEYRING},
});

/** Debian's archives of a release, for a machine whose own sources do not hold it. */
export const officialSources = (release: string): readonly AptSource[] => {
  if (release.endsWith('-security')) return [official(OFFICIAL.security, [release])];
  // Backports, unstable and the like stand alone.
  if (/-|^(?:sid|unstable|experimental)$/.test(release)) return [official(OFFICIAL.main, [release])];
  return [
    official(OFFICIAL.main, [release, `${release}-updates`]),
    official(OFFICIAL.security, [`${release}-security`]),
  ];
};

const DROPPED = new Set(['targets', 'languages', 'architectures']);

/** The entries as a `.sources` file, for the index of binary or of source packages and nothing else. */
export const formatAptSources = (sources: readonly AptSource[], index: 'Packages' | 'Sources'): string =>
  sources
    .map(({uris, suites, components, options}) =>
      [
        `Types: ${index === 'Sources' ? 'deb-src' : 'deb'}`,
        `URIs: ${uris.join(' ')}`,
        `Suites: ${suites.join(' ')}`,
        ...(components.length === 0 ? [] : [`Components: ${components.join(' ')}`]),
        `Targets: ${index}`,
        ...Object.entries(options)
          .filter(([name]) => !DROPPED.has(name.toLowerCase()))
          .map(([name, value]) => `${name}: ${value.replaceAll('\n', '\n ')}`),
      ]
        .map((line) => `${line}\n`)
        .join(''),
    )
    .join('\n');
