import type {Secret} from './secret.ts';

/** How to become another user on the host. */
export type Become = {user: string; method: 'sudo'; password?: Secret};

/** All that is needed to reach a host: made from the inventory's variables, the command line and ansible.cfg. */
export type Target =
  | {
      via: 'ssh';
      name: string;
      /** What is handed to OpenSSH: an address or a Host alias of ssh_config. */
      address: string;
      port?: number;
      user?: string;
      identityFile?: string;
      password?: Secret;
      /** Further arguments of ssh, already split into words. */
      arguments: readonly string[];
      connectTimeoutSeconds: number;
      become?: Become;
    }
  | {via: 'local'; name: string; become?: Become}
  | {via: 'root'; name: string; directory: string}
  | {via: 'recording'; name: string; file: string};
