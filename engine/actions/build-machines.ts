import {builderNames, loadBuilder} from '../catalogue/builders.ts';
import type {BuildersOptions} from '../effects/builders/open-builders.ts';
import {Fault} from '../model/fault.ts';
import {printable} from '../model/printable.ts';
import type {Target} from '../model/target.ts';
import type {Stage} from '../stages/stage.ts';

const CONNECT_SECONDS = 10;

/** `root@build.example:2222`; ssh_config knows the rest. */
const ADDRESS = /^(?:(?<user>[^@\s]+)@)?(?<address>\[[0-9a-fA-F:]+\]|[^:@\s]+)(?::(?<port>\d+))?$/;

const machineOf = (given: string): [string, Target & {via: 'ssh'}] => {
  const [name = '', ...rest] = given.split('=');
  const {user, address, port} = ADDRESS.exec(rest.join('='))?.groups ?? {};
  if (address === undefined || !builderNames().includes(name))
    throw new Fault({
      code: 'build-options',
      owner: 'user',
      message: `--builder ${printable(given)} is no builder with an address`,
      hint: `it is NAME=[USER@]ADDRESS[:PORT], NAME one of ${builderNames().join(', ')}`,
    });
  return [
    name,
    {
      via: 'ssh',
      name,
      address: address.replace(/^\[(.*)\]$/, '$1'),
      ...(user === undefined ? {} : {user}),
      ...(port === undefined ? {} : {port: Number(port)}),
      arguments: [],
      connectTimeoutSeconds: CONNECT_SECONDS,
    },
  ];
};

/**
 * The builders that stages name, as their files define them, and where those over SSH are.
 * @throws Fault or Faults `unknown-builder`, `builder-definition`, `build-options`
 */
export const buildersFor = (
  stages: readonly Stage[],
  machines: readonly string[],
): Required<Pick<BuildersOptions, 'definitions' | 'machines'>> => {
  const names = new Set(stages.map(({builder}) => builder).filter((name) => name !== 'here'));
  return {
    definitions: Object.fromEntries([...names].map((name) => [name, loadBuilder(name)])),
    machines: Object.fromEntries(machines.map((given) => machineOf(given))),
  };
};
