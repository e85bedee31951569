import {Option, type Command} from 'commander';
import type {ToolState, ToolUse} from '../../actions/doctor.ts';
import type {Context} from '../context.ts';
import {EXIT} from '../exit-code.ts';
import type {Output} from '../output.ts';
import {nodeRange} from '../version.ts';

const line = (good: boolean, name: string, where: string, why: string, output: Output): string =>
  `${good ? output.paint('green', 'ok     ') : output.paint('red', 'missing')} ${name.padEnd(20)} ${where.padEnd(34)} ${output.paint('dim', why)}\n`;

const toolLine = (tool: ToolState, output: Output): string =>
  line(tool.path !== undefined, tool.command, tool.path ?? `package ${tool.package}`, tool.why, output);

/** `linerate doctor`: are the system tools there that linerate, or its tests, call? */
export const addDoctor = (program: Command, {output, exit}: Context): void => {
  program
    .command('doctor')
    .description('check the system tools that linerate calls; --install installs what is missing')
    .addOption(new Option('--for <what>', 'what they are needed for').choices(['use', 'build', 'test']).default('use'))
    .option('--install', 'install the Debian packages of missing tools (root)')
    .action(async (options: {for: ToolUse; install?: boolean}) => {
      const {examine, examineNode} = await import('../../actions/doctor.ts');
      const node = examineNode(process.version, nodeRange());
      const tools = await examine({
        use: options.for,
        install: options.install ?? false,
        onInstall: (packages) => output.err(`linerate: installing with apt-get: ${packages.join(' ')}\n`),
      });
      output.out(line(node.good, 'node', node.version, `runs linerate; ${node.wanted} is needed`, output));
      for (const tool of tools) output.out(toolLine(tool, output));
      if (!node.good || tools.some((tool) => tool.path === undefined)) exit(EXIT.usage);
    });
};
