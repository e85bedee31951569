import {realpathSync, statSync} from 'node:fs';
import {Fault} from '../../model/fault.ts';
import type {ConnectOptions, Connection, Target} from '../connection.ts';
import {localConnection} from './local.ts';

const physical = (name: string, directory: string): string => {
  try {
    const root = realpathSync(directory);
    if (statSync(root).isDirectory()) return root === '/' ? '' : root;
  } catch (cause) {
    throw new Fault({
      code: 'root-missing',
      owner: 'user',
      host: name,
      message: `the root directory ${directory} cannot be read`,
      cause,
    });
  }
  throw new Fault({code: 'root-missing', owner: 'user', host: name, message: `${directory} is not a directory`});
};

/**
 * An unpacked image: this machine's shell, and a root directory for probes to read. Its path is the physical one,
 * since a probe tells a link's end by cutting the root off it.
 */
export const rootDirectoryConnection = (target: Target & {via: 'root'}, options: ConnectOptions): Connection => ({
  ...localConnection({via: 'local', name: target.name}, options),
  root: physical(target.name, target.directory),
});
