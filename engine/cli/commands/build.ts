import {InvalidArgumentError, Option, type Command} from 'commander';
import type {Context} from '../context.ts';
import type {BuildCommandOptions} from './build-run.ts';
import {positive} from './host-options.ts';

const words = (text: string): readonly string[] => {
  const found = text.split(/[\s,]+/).filter((word) => word !== '');
  if (found.length === 0) throw new InvalidArgumentError('It must name something.');
  return found;
};

const collect = (value: string, earlier: readonly string[]): readonly string[] => [...earlier, value];

/** `linerate build`: folders of kernels become packages, each stage made once. */
export const addBuild = (program: Command, context: Context): void => {
  program
    .command('build')
    .description('build folders such as kernels/lab-6.1: what is unchanged is not built again')
    .argument('<targets...>', 'folders: kernels/lab-6.1')
    .option('--format <formats>', 'packages: deb, rpm, or none', words, ['deb', 'rpm'])
    .option(
      '--target <releases>',
      'releases that packages are made for: bookworm, el9 (default: all of the folder)',
      words,
    )
    .option('--out <folder>', 'copy what was built there')
    .option('--repositories', 'make repositories for apt and dnf of the packages')
    .addOption(
      new Option('--sign-key <file>', 'sign what is copied to --out with this exported OpenPGP key').env(
        'LINERATE_SIGN_KEY',
      ),
    )
    .option('--store <folder>', 'where outputs and sources are kept (default: ~/.cache/linerate/store)')
    .option('--why', 'say for each stage why it is made anew')
    .option('--offline', 'fetch nothing: what is pinned must be in the store')
    .option('--debug', 'open a shell where a stage failed')
    .option('--prove', 'build twice, from empty stores and in different folders, and compare every byte')
    .option('--keep-going', 'after a failure build what does not need the failed stage')
    .addOption(new Option('--jobs <processors>', 'processors that a stage may use (default: all)').argParser(positive))
    .addOption(new Option('--parallel <stages>', 'stages at once').argParser(positive).default(1))
    .option(
      '--builder <name=address>',
      'the machine of a builder over SSH: centos-6=root@10.0.0.5 (repeatable)',
      collect,
      [],
    )
    .option('--distcc <hosts>', 'compile on other machines too: localhost/2,10.0.0.5/16')
    .option('--no-ccache', 'compile everything anew')
    .option('--json', 'what became of each stage, as JSON')
    .action(async (targets: readonly string[], options: BuildCommandOptions) => {
      const {runBuild} = await import('./build-run.ts');
      await runBuild(targets, options, context);
    });
};
