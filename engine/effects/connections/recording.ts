import {Fault} from '../../model/fault.ts';
import type {Connection, Target} from '../connection.ts';
export const recordingConnection = (target: Target & {via: 'recording'}): Connection => {
  throw new Fault({code: 'x', owner: 'tool', message: target.file});
};
