import {satisfies} from 'semver';
import {findTool, installPackages, TOOLS, type Tool, type ToolUse} from '../effects/tools.ts';

export type {ToolUse};

export type ToolState = Tool & {path?: string};

/** The Node.js that runs us, and whether it is one of those that package.json asks for. */
export type NodeState = {version: string; wanted: string; good: boolean};

/** Each also needs what comes before it. */
const USES: Readonly<Record<ToolUse, readonly ToolUse[]>> = {
  use: ['use'],
  build: ['use', 'build'],
  test: ['use', 'build', 'test'],
};

const lookUp = async (use: ToolUse): Promise<readonly ToolState[]> =>
  Promise.all(
    TOOLS.filter((tool) => USES[use].includes(tool.for)).map(async (tool) => {
      const path = await findTool(tool.command);
      return path === undefined ? tool : {...tool, path};
    }),
  );

export const examineNode = (version: string, wanted: string): NodeState => ({
  version,
  wanted,
  good: satisfies(version, wanted),
});

/** Which system tools are there; with `install`, the packages of the missing ones are installed first. */
export const examine = async (options: {
  use: ToolUse;
  install: boolean;
  /** Told which packages are about to be installed. */
  onInstall?: (packages: readonly string[]) => void;
}): Promise<readonly ToolState[]> => {
  const before = await lookUp(options.use);
  const missing = before.filter((tool) => tool.path === undefined);
  if (!options.install || missing.length === 0) return before;
  const packages = [...new Set(missing.map((tool) => tool.package))];
  options.onInstall?.(packages);
  await installPackages(packages);
  return lookUp(options.use);
};
