import type {ConnectOptions, Connection, Target} from '../connection.ts';
import {localConnection} from './local.ts';
import {recordingConnection} from './recording.ts';
import {rootDirectoryConnection} from './root-directory.ts';
import {sshConnection} from './ssh.ts';

/**
 * The connection to a target. Nothing is started before its first `run`; the caller closes it.
 * @throws Fault for what cannot be tried at all: an address that is no word for ssh, a root directory that is missing
 */
export const connect = (target: Target, options: ConnectOptions = {}): Connection => {
  if (target.via === 'ssh') return sshConnection(target, options);
  if (target.via === 'local') return localConnection(target, options);
  if (target.via === 'root') return rootDirectoryConnection(target, options);
  return recordingConnection(target);
};
