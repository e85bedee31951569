import {Option, type Command} from 'commander';
import {EXIT} from '../exit-code.ts';
import type {Context} from '../context.ts';

/** `linerate doctor`: are the system tools there that linerate, or its tests, call? */
export const addDoctor = (program: Command, {output, exit}: Context): void => {
  program
    .command('doctor')
    .description('check the system tools that linerate calls; --install installs what is missing')
    .addOption(new Option('--for <what>', 'what they are needed for').choices(['use', 'test']).default('use'))
    .option('--install', 'install the Debian packages of missing tools (root)')
    .action(async (options: {for: 'use' | 'test'; install?: boolean}) => {
      const {examine} = await import('../../actions/doctor.ts');
      const tools = await examine({
        uses: options.for === 'test' ? ['use', 'test'] : ['use'],
        install: options.install ?? false,
      });
      for (const tool of tools) {
        const state = tool.path === undefined ? output.paint('red', 'missing') : output.paint('green', 'ok     ');
        const where = tool.path ?? `package ${tool.package}`;
        output.out(`${state} ${tool.command.padEnd(20)} ${where.padEnd(34)} ${output.paint('dim', tool.why)}\n`);
      }
      if (tools.some((tool) => tool.path === undefined)) exit(EXIT.usage);
    });
};
