import {builderNames, loadBuilder} from '../catalogue/builders.ts';
import type {BuildersOptions} from '../effects/builders/open-builders.ts';
import type {Store} from '../effects/store/store.ts';
import {Fault} from '../model/fault.ts';
import {printable} from '../model/printable.ts';
import type {Target} from '../model/target.ts';
import {sourceDigest} from '../stages/planned.ts';
import type {Stage} from '../stages/stage.ts';
import {sha256, unlocked} from './build-plan.ts';
import type {BuildSources} from './build-types.ts';

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

/** The pinned packages of root folders. */
const rootsOf = ({store, sources, signal}: BuildersContext): Required<BuildersOptions>['roots'] => ({
  store,
  signal,
  packages(name) {
    const locked = sources.locked[name];
    if (!locked) throw unlocked(name);
    return {digest: sourceDigest(locked, sha256), fetch: async () => sources.fetch(name, locked)};
  },
});

type BuildersContext = {store: Store; sources: BuildSources; signal: AbortSignal};

/**
 * The builders that stages name, as their files define them, where those over SSH are, and what root folders are made of.
 * @throws Fault or Faults `unknown-builder`, `builder-definition`, `build-options`
 */
export const buildersFor = (
  stages: readonly Stage[],
  machines: readonly string[],
  context: BuildersContext,
): Required<Pick<BuildersOptions, 'definitions' | 'machines' | 'roots'>> => {
  const names = new Set(stages.map(({builder}) => builder).filter((name) => name !== 'here'));
  return {
    definitions: Object.fromEntries([...names].map((name) => [name, loadBuilder(name)])),
    machines: Object.fromEntries(machines.map((given) => machineOf(given))),
    roots: rootsOf(context),
  };
};
