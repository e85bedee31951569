import {Fault} from '../../model/fault.ts';
import {printable} from '../../model/printable.ts';
import type {BuilderDefinition} from '../../stages/builder.ts';
import type {SshTarget} from '../connections/ssh.ts';
import type {Digest} from '../../stages/stage.ts';
import type {Store} from '../store/store.ts';
import type {Builder} from './builder.ts';
import {chrootBuilder} from './chroot.ts';
import type {HereOptions} from './enclosed.ts';
import {hereBuilder} from './here.ts';
import {sshBuilder} from './ssh.ts';

export type BuildersOptions = HereOptions & {
  /** What files of `builders/` define, by their names. */
  definitions?: Readonly<Record<string, BuilderDefinition>>;
  /** The machines of those that are reached over SSH. */
  machines?: Readonly<Record<string, SshTarget>>;
  /** What root folders are made of, and where they are kept. */
  roots?: {
    store: Store;
    signal: AbortSignal;
    /** The pinned packages of `builders/NAME`: their digest, and where to have the folder that holds them. */
    packages: (name: string) => {digest: Digest; fetch: () => Promise<string>};
  };
};

const unknownBuilder = (name: string): Fault =>
  new Fault({
    code: 'unknown-builder',
    owner: 'user',
    message: `there is no builder ${printable(name)}`,
    hint: 'builders are `here` and the files of builders/',
  });

const noMachine = (name: string, {summary}: BuilderDefinition): Fault =>
  new Fault({
    code: 'builder-address',
    owner: 'user',
    message: `the builder ${printable(name)} is a machine that is reached over SSH, and none was named (${printable(summary)})`,
    hint: `--builder ${name}=USER@ADDRESS names it`,
  });

/** Finds builders by the names that stages give; each is opened once. */
export const openBuilders = (options: BuildersOptions): ((name: string) => Builder) => {
  const opened = new Map<string, Builder>();
  const open = (name: string): Builder => {
    if (name === 'here') return hereBuilder(options);
    const definition = options.definitions?.[name];
    if (!definition) throw unknownBuilder(name);
    if (definition.kind === 'chroot') {
      if (!options.roots) throw unknownBuilder(name);
      const {store, signal, packages} = options.roots;
      return chrootBuilder({...options, ...definition, name, store, signal, ...packages(`builders/${name}`)});
    }
    const target = options.machines?.[name];
    if (!target) throw noMachine(name, definition);
    const {onWarning} = options;
    return sshBuilder({name, target, system: definition.system, ...(onWarning ? {onWarning} : {})});
  };
  return (name) => {
    const builder = opened.get(name) ?? open(name);
    opened.set(name, builder);
    return builder;
  };
};
