import {shellQuote} from '../model/shell.ts';
import type {Boot, Held} from '../model/setting.ts';

const SUFFIX = /\.(?:service|socket|timer|path|target|mount|automount|swap|slice|scope|device)$/;

/** The whole name of a unit: of a service the suffix may be left out. */
export const unitOf = (name: string): string => (SUFFIX.test(name) ? name : `${name}.service`);

/** A unit as `service` addresses call it: without the suffix that they may leave out. */
export const serviceName = (unit: string): string => unit.replace(/\.service$/, '');

/** What says how systemd has a unit: its state now, and whether it is started at boot; elsewhere what its script says. */
export const readUnitScript = (name: string): string => {
  const frame = shellQuote(`asked service ${name}`);
  const show = `systemctl show -p LoadState -p ActiveState -p UnitFileState -- ${shellQuote(unitOf(name))}`;
  return `if [ -z "$R" ] && [ -d /run/systemd/system ]; then say ${frame} "$(${show} 2>&1)"
elif has service; then
  service ${shellQuote(name)} status </dev/null >/dev/null 2>&1
  say ${frame} "status $?"
elif [ -z "$R" ]; then say ${frame} none; fi`;
};

const NOW: Readonly<Record<string, string>> = {
  active: 'running',
  reloading: 'running',
  refreshing: 'running',
  inactive: 'stopped',
  failed: 'stopped',
  maintenance: 'stopped',
  activating: 'starting',
  deactivating: 'stopping',
};

/** How `systemctl is-enabled` calls a unit that is started at boot; what has no [Install] section is nobody's choice. */
const AT_BOOT: Readonly<Record<string, string>> = {
  enabled: 'running',
  alias: 'running',
  disabled: 'stopped',
  linked: 'stopped',
  'linked-runtime': 'stopped',
  'enabled-runtime': 'stopped',
  masked: 'stopped',
  'masked-runtime': 'stopped',
};

const property = (said: string, name: string): string | undefined => new RegExp(`^${name}=(.*)$`, 'm').exec(said)?.[1];

/** What a unit of which `readUnitScript` said this does now; one that is not there yet is stopped. */
export const unitHeld = (said: string): Held => {
  if (said === 'none') return {unreadable: 'no program that starts services is there'};
  if (said.startsWith('status ')) return {value: said === 'status 0' ? 'running' : 'stopped'};
  const state = property(said, 'ActiveState');
  const value = state === undefined ? undefined : NOW[state];
  return value === undefined ? {unreadable: said.trim() || 'systemctl does not tell'} : {value};
};

/** And what it will do at the next boot. */
export const unitBoot = (unit: string, said: string): Boot => {
  if (property(said, 'LoadState') === 'not-found') return {held: {value: 'stopped'}};
  const value = AT_BOOT[property(said, 'UnitFileState') ?? ''];
  return {held: value === undefined ? 'unsupported' : {value}, by: unit};
};

export const isMasked = (said: string): boolean => property(said, 'LoadState') === 'masked';
