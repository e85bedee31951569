import {askedOf, heldAsked} from '../facts/asked.ts';
import type {Facts} from '../facts/facts.ts';
import type {ServiceState} from '../facts/services.ts';
import type {Step} from '../model/change.ts';
import type {Boot, Held} from '../model/setting.ts';
import {bansNow, banSteps, isBanned} from './irqbalance.ts';
import type {ResourceKind} from './resource.ts';
import {isMasked, readUnitScript, serviceName, unitBoot, unitHeld, unitOf} from './service-read.ts';

const stateOf = ({services}: Facts, name: string): ServiceState | undefined =>
  services.services.find((service) => service.name.replace(/\.service$/, '') === name);

const split = (rest: string): {name: string; banned?: string} => {
  const [name = '', option = ''] = rest.split(' ');
  return option.startsWith('ban.') ? {name, banned: option.slice(4)} : {name};
};

const ban = (banned: boolean): Held => ({value: banned ? 'banned' : 'balanced'});

const running = (active: boolean): Held => ({value: active ? 'running' : 'stopped'});

const asked = (facts: Facts, rest: string): string | undefined => askedOf(facts, `service ${rest}`);

const live = (facts: Facts, rest: string): Held => {
  if (asked(facts, rest) !== undefined) return heldAsked(facts, `service ${rest}`, unitHeld);
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
  const said = asked(facts, rest);
  if (said !== undefined && facts.os.init === 'systemd') return unitBoot(unitOf(name), said);
  const enabled = stateOf(facts, name)?.enabled;
  return enabled === undefined ? {held: 'default'} : {held: running(enabled), by: `${name}.service`};
};

const turn = ({os}: Facts, name: string, on: boolean): Step => {
  const verb = on ? 'start' : 'stop';
  return {do: 'run', argv: os.init === 'systemd' ? ['systemctl', verb, unitOf(name)] : ['service', name, verb]};
};

// systemd calls a program started once it is forked: one that ends at once has not failed to start.
const STAYS = `for wait in 1 2 3; do sleep 0.4; systemctl is-active --quiet "$1" || break; done
systemctl is-active --quiet "$1" && exit
journalctl -q -u "$1" -n 3 --no-pager -o cat 2>/dev/null
echo "$1 did not stay up: it is $(systemctl is-active "$1")"
exit 1`;

/** A script that is called `what` where it fails. */
const shell = (what: string, script: string, unit: string): Step => ({
  do: 'run',
  argv: ['/bin/sh', '-c', script, what, unit],
});

const SCRIPT_RESTARTS = 'service "$1" status >/dev/null 2>&1 || exit 0; service "$1" restart';

/** Restarts a unit that runs, or only has it read its configuration anew; fails where it is not up after a moment. */
export const restartStep = ({os}: Facts, unit: string, verb: 'restart' | 'reload'): Step => {
  if (os.init !== 'systemd') return shell('restart', SCRIPT_RESTARTS, serviceName(unit));
  return shell(
    verb,
    `systemctl is-active --quiet "$1" || exit 0
systemctl ${verb === 'restart' ? 'restart' : 'reload-or-restart'} "$1"
${STAYS}`,
    unit,
  );
};

// Restarts too many have left it where it is not started again; at boot it is started in its turn.
const REVIVE = `[ "$(systemctl is-system-running)" != initializing ] || exit 0
systemctl reset-failed "$1" 2>/dev/null
exec systemctl restart "$1"`;

/** Restarts a unit that ran, whatever has become of it. */
export const reviveStep = ({os}: Facts, unit: string): Step =>
  os.init === 'systemd' ? shell('restart', REVIVE, unit) : {do: 'run', argv: ['service', serviceName(unit), 'restart']};

// Going back, the unit may not even be there.
const STOPPED = 'systemctl stop "$1" || ! systemctl is-active --quiet "$1"';

const stops = (facts: Facts, name: string): Step =>
  facts.os.init === 'systemd' ? shell('stop', STOPPED, unitOf(name)) : turn(facts, name, false);

const starts = (facts: Facts, name: string): readonly Step[] => [
  turn(facts, name, true),
  ...(facts.os.init === 'systemd' ? [shell('start', STAYS, unitOf(name))] : []),
];

/** Whether the facts show that a service runs. */
export const wasRunning = (facts: Facts, rest: string): boolean => {
  const held = live(facts, rest);
  return typeof held === 'object' && 'value' in held && (held.value === 'running' || held.value === 'starting');
};

/**
 * Units that recipes ask for, and services that fight a plan: `service nginx`, `service x@1.socket` is `running` or `stopped`,
 * now and from each boot; `service irqbalance ban.ena` is `banned` or `balanced`.
 */
export const service: ResourceKind = {
  kind: 'service',
  form: 'UNIT, or irqbalance ban.MODULE',
  knows: (rest) => /^(?:[\w@.:\\-]+|irqbalance ban\.\w+)$/.test(rest),
  problem: (rest, want) => {
    const allowed = rest.includes(' ban.') ? ['banned', 'balanced'] : ['running', 'stopped'];
    return allowed.includes(want) ? undefined : `is none of ${allowed.join(', ')}`;
  },
  reads: (rest) => (rest.includes(' ') ? '' : readUnitScript(rest)),
  live,
  boot,
  effect: () => 'restart',
  undo: () => 'exact',
  same: (_facts, _rest, a, b) => a === b,
  steps: (facts, rest, want) => {
    const {name, banned} = split(rest);
    if (banned !== undefined) return banSteps(facts, [{module: banned, banned: want === 'banned'}]);
    return want === 'running' ? starts(facts, name) : [turn(facts, name, want === 'starting')];
  },
  restore: (facts, rest) => {
    const {name, banned} = split(rest);
    if (banned !== undefined) return bansNow(facts);
    return [wasRunning(facts, rest) ? turn(facts, name, true) : stops(facts, name)];
  },
  fixed: (facts, rest, want) =>
    want === 'running' && isMasked(asked(facts, rest) ?? '') ? 'it is masked (systemctl unmask)' : undefined,
};
