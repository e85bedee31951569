import {Fault} from '../model/fault.ts';

/** Whatever went wrong on one host as a fault: what is none already is a bug of ours, which must not hide other hosts. */
export const faultOf = (error: unknown, host: string): Fault => {
  if (error instanceof Fault) return error;
  return new Fault({
    code: 'bug',
    owner: 'tool',
    host,
    message: `linerate failed on this host: ${error instanceof Error ? error.message : String(error)}`,
    hint: 'this is a bug of linerate: please report it with the stack below',
    cause: error,
  });
};
