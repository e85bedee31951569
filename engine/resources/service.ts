import type {Facts} from '../facts/facts.ts';
import type {ServiceState} from '../facts/services.ts';
import type {Step} from '../model/change.ts';
import type {Boot, Held} from '../model/setting.ts';
import {bansNow, banSteps, isBanned} from './irqbalance.ts';
import type {ResourceKind} from './resource.ts';

const stateOf = ({services}: Facts, name: string): ServiceState | undefined =>
  services.services.find((service) => service.name.replace(/\.service$/, '') === name);

const split = (rest: string): {name: string; banned?: string} => {
  const [name = '', option = ''] = rest.split(' ');
  return option.startsWith('ban.') ? {name, banned: option.slice(4)} : {name};
};

const ban = (banned: boolean): Held => ({value: banned ? 'banned' : 'balanced'});

const running = (active: boolean): Held => ({value: active ? 'running' : 'stopped'});

const live = (facts: Facts, rest: string): Held => {
  const {name, banned} = split(rest);
  const state = stateOf(facts, name);
  if (!state) return 'unsupported';
  return banned === undefined ? running(state.active) : ban(isBanned(facts, banned, 'live'));
};

const boot = (facts: Facts, rest: string): Boot => {
  const {name, banned} = split(rest);
  if (banned !== undefined) {
    const by = facts.services.irqbalance?.at;
    const held = stateOf(facts, name) ? ban(isBanned(facts, banned, 'boot')) : 'unsupported';
    return {held, ...(by === undefined ? {} : {by})};
  }
  const enabled = stateOf(facts, name)?.enabled;
  return enabled === undefined ? {held: 'default'} : {held: running(enabled), by: `${name}.service`};
};

const turn = ({os}: Facts, name: string, on: boolean): Step => {
  const verb = on ? 'start' : 'stop';
  return {do: 'run', argv: os.init === 'systemd' ? ['systemctl', verb, `${name}.service`] : ['service', name, verb]};
};

/** Services that fight a plan: `service irqbalance` is `running` or `stopped`; `service irqbalance ban.ena` is `banned` or `balanced`. */
export const service: ResourceKind = {
  kind: 'service',
  form: 'NAME, or irqbalance ban.MODULE',
  knows: (rest) => /^(?:[\w@.-]+|irqbalance ban\.\w+)$/.test(rest),
  problem: (rest, want) => {
    const allowed = rest.includes(' ban.') ? ['banned', 'balanced'] : ['running', 'stopped'];
    return allowed.includes(want) ? undefined : `is none of ${allowed.join(', ')}`;
  },
  live,
  boot,
  effect: () => 'restart',
  undo: () => 'exact',
  same: (_facts, _rest, a, b) => a === b,
  steps: (facts, rest, want) => {
    const {name, banned} = split(rest);
    if (banned !== undefined) return banSteps(facts, [{module: banned, banned: want === 'banned'}]);
    return [turn(facts, name, want === 'running')];
  },
  restore: (facts, rest) => {
    const {name, banned} = split(rest);
    if (banned !== undefined) return bansNow(facts);
    return [turn(facts, name, stateOf(facts, name)?.active === true)];
  },
};
