import {Fault} from '../model/fault.ts';
import {printable} from '../model/printable.ts';

/** `HOST[:PORT]/CORES`, as distcc(1) takes it. */
const HOST = /^(?:@?[\w.-]+|\[[0-9a-fA-F:]+\])(?::\d+)?\/(\d+)$/;

/**
 * What `--distcc` asks for: `DISTCC_HOSTS`, and how many compilers that is at once.
 * @throws Fault `build-options`
 */
export const distccHosts = (given: string): {hosts: string; processors: number} => {
  const hosts = given.split(/[\s,]+/).filter((word) => word !== '');
  const cores = hosts.map((host) => Number(HOST.exec(host)?.[1] ?? 0));
  const wrong = hosts.find((_, index) => cores[index] === 0);
  if (wrong !== undefined || hosts.length === 0)
    throw new Fault({
      code: 'build-options',
      owner: 'user',
      message: `--distcc ${printable(wrong ?? given)} is no host with its cores`,
      hint: 'such as --distcc localhost/2,10.0.0.5/16',
    });
  return {hosts: hosts.join(' '), processors: cores.reduce((sum, count) => sum + count, 0)};
};
