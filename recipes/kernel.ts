import {
  defineRecipe,
  described,
  installed,
  kernelRelease,
  localFile,
  packageFile,
  plainName,
  v,
  type Desired,
  type RecipeHost,
} from '../engine/plan/recipe/api.ts';

const argument = v.pipe(
  v.union([v.string(), v.number()], 'must be a text or a number; a bare flag is "present"'),
  v.transform(String),
);

const fields = v.strictObject({
  package: described(v.optional(plainName), 'a kernel of the host’s repositories: linux-image-6.1.0-30-rt-amd64'),
  version: described(v.optional(v.string()), 'exactly this version of it, in the package program’s own spelling'),
  files: described(
    v.optional(v.pipe(v.array(localFile(), 'must be a list of files'), v.minLength(1, 'must name a file'))),
    'or kernel packages of the controller: .deb or .rpm',
  ),
  release: described(v.optional(v.string()), 'what `uname -r` will say, where the package’s name does not tell'),
  arguments: described(v.optional(v.record(v.string(), argument), {}), 'kernel arguments that are tried with it'),
  tuning: described(v.optional(v.boolean('must be true or false'), false), 'tune the host once it runs'),
});

type Fields = v.InferOutput<typeof fields>;

const releaseOf = ({release, package: name, files = []}: Fields): string | undefined =>
  release ??
  [...(name === undefined ? [] : [name]), ...files.map((file) => file.name)]
    .map(kernelRelease)
    .find((told) => told !== undefined);

const parameters = v.pipe(
  fields,
  v.check(
    ({package: name, files}) => (name === undefined) !== (files === undefined),
    'one of package and files must be given',
  ),
  v.forward(
    v.check((given) => releaseOf(given) !== undefined, 'is missing: the package’s name does not tell it'),
    ['release'],
  ),
);

type Host = RecipeHost<v.InferOutput<typeof parameters>>;

const SOURCE = 'GRUB manual, “Simple configuration handling”, GRUB_DEFAULT; grubby(8); bootctl(1)';

const packages = ({parameters: {package: name, version, files = []}}: Host): readonly Desired[] => {
  const why = 'the kernel that the recipe’s parameters name';
  return [
    ...(name === undefined ? [] : [installed(name, {why, ...(version === undefined ? {} : {version})})]),
    ...files.map((file) => packageFile(file, {why})),
  ];
};

const boot = ({parameters: given}: Host): readonly Desired[] => [
  {set: 'kernel default', to: releaseOf(given) ?? '', why: 'the host runs this kernel, and boots it', source: SOURCE},
  ...Object.entries(given.arguments).map(([name, value]) => ({
    set: `boot ${name}`,
    to: value,
    why: 'asked for by the recipe’s parameters',
  })),
];

/** Another kernel: installed beside the one that runs, booted once, and made the default when the host comes back with it. */
export const recipe = defineRecipe({
  summary: 'Another kernel: installed, booted once, and made the default only when the host has come back with it.',
  parameters,
  phases: [
    {
      name: 'keep',
      desired: () => [
        {
          set: 'kernel updates',
          to: 'wait',
          why: 'a kernel that nobody has tried here does not boot by itself once it is installed',
          source: SOURCE,
        },
      ],
    },
    {name: 'packages', desired: packages},
    {name: 'boot', reboot: true, desired: boot},
    {name: 'tuning', desired: ({parameters: {tuning}}) => (tuning ? [{tuning: {}}] : [])},
  ],
});
