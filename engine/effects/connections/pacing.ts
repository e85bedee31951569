import pLimit, {type LimitFunction} from 'p-limit';
import {Fault} from '../../model/fault.ts';
import type {Target} from '../../model/target.ts';
import {configFiles, mayProxy, resolvedJump} from './jump.ts';

type SshTarget = Target & {via: 'ssh'};

/** Leave to log in. */
export type Admission = {
  /** The jump host or proxy command on the way. */
  jump: string | undefined;
  /** To be called when the login is over, well or not; `fault` when it went wrong. */
  release(fault?: Fault): void;
};

/** Where the connections of one run queue before they log in. */
export type Pacing = {
  /** @throws Fault what the way there has answered before, where asking again would only bring a penalty */
  admit(target: SshTarget): Promise<Admission>;
};

/**
 * sshd's default, `MaxStartups 10:30:100`, drops at random from the tenth login that is not done yet: hosts behind one
 * jump host, or one address, log in fewer than that at a time.
 */
const LOGINS_AT_ONCE = 8;

type Gate = {limit: LimitFunction; refused?: Fault};

const notTried = (host: string, refused: Fault): Fault =>
  new Fault({
    code: 'ssh-not-tried',
    owner: 'unreachable',
    host,
    message: `${host} was not tried, as its jump host has refused the login already (see ${refused.host ?? 'above'})`,
    hint: 'asking again and again would only have it ban this machine',
  });

const mentionsProxy = (words: readonly string[]): boolean =>
  words.some((word) => word.startsWith('-J') || /proxy(?:jump|command)/i.test(word));

/** A fresh queue, for all connections of one run. */
export const pacing = (): Pacing => {
  const gates = new Map<string, Gate>();
  const proxies = new Map<string, Promise<boolean>>();
  const gateOf = (way: string): Gate => {
    const gate = gates.get(way) ?? {limit: pLimit(LOGINS_AT_ONCE)};
    gates.set(way, gate);
    return gate;
  };
  // ssh -G costs a process a host, so it is asked only where the configuration speaks of proxies at all.
  const configured = (words: readonly string[]): Promise<boolean> => {
    const files = configFiles(words);
    const found = proxies.get(files.join(':')) ?? mayProxy(files);
    proxies.set(files.join(':'), found);
    return found;
  };
  const jumpTo = async (target: SshTarget): Promise<string | undefined> => {
    const asks = mentionsProxy(target.arguments) || (await configured(target.arguments));
    return asks ? resolvedJump(target) : undefined;
  };
  return {
    async admit(target) {
      const jump = await jumpTo(target);
      const gate = gateOf(jump === undefined ? `to ${target.address}` : `by ${jump}`);
      const admitted = Promise.withResolvers<Admission>();
      const login = async (): Promise<void> => {
        const over = Promise.withResolvers<void>();
        const release = (fault?: Fault): void => {
          if (fault?.code === 'ssh-jump-auth') gate.refused ??= fault;
          over.resolve();
        };
        admitted.resolve({jump, release});
        await over.promise;
      };
      void gate.limit(login);
      const admission = await admitted.promise;
      if (!gate.refused) return admission;
      admission.release();
      throw notTried(target.name, gate.refused);
    },
  };
};
