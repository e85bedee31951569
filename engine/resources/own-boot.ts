import type {Facts} from '../facts/facts.ts';
import {OWN} from '../facts/own-files.ts';
import type {Boot} from '../model/setting.ts';
import {heldNic, holdKey, holdOf, type HeldValue} from './hold.ts';
import {LASTING} from './lasting.ts';
import {mountText} from './mount-value.ts';
import type {ResourceKind} from './resource.ts';

/** Whether this host's units will set what the hold file says, for a host-wide value or a NIC's. */
const willHold = ({services}: Facts, what: 'host' | 'nic'): boolean => {
  const {own} = services;
  if (own?.texts[OWN.holdScript] === undefined) return false;
  const there = (path: string): boolean => own.texts[path] !== undefined;
  if (what === 'host') return there(OWN.hostUnit) && own.enabled.includes('linerate-host.service');
  return there(OWN.nicUnit) && there(OWN.udevRules) && there(OWN.upUnit) && own.enabled.includes('linerate-up.service');
};

const heldValue = (facts: Facts, id: string): HeldValue | undefined => {
  if (facts.services.own === undefined) return undefined;
  const place = holdKey(facts, id);
  if (!place || !willHold(facts, place.nic ? 'nic' : 'host')) return undefined;
  const hold = holdOf(facts);
  const values = place.nic === undefined ? hold.host : heldNic(hold, place.nic, facts.nics)?.values;
  return values?.get(place.key);
};

// udev and tmpfiles.d are done with a NIC before linerate's unit for it starts; networkd reads its .network files after.
const isEarlier = ({kind, path}: Facts['services']['files'][number]): boolean =>
  kind === 'udev' || kind === 'tmpfiles' || path.endsWith('.link');

/** Whether a program or hook that comes after linerate's units says so: TuneD, NetworkManager, networkd, ifupdown. */
export const comesLater = ({services}: Facts, {by}: Boot): boolean =>
  by !== undefined &&
  (by.startsWith('TuneD') || services.files.some((file) => by.startsWith(file.path) && !isEarlier(file)));

const mountedByUnit = ({services}: Facts, where: string): Boot | undefined => {
  const unit = services.own?.mounts.find((one) => one.where === where);
  const starts = unit && services.own?.enabled.includes(unit.path.slice(unit.path.lastIndexOf('/') + 1));
  if (!unit || !starts) return undefined;
  const {what: device, type, options, path} = unit;
  return {held: {value: mountText({device, type, options: options || 'defaults'})}, by: path};
};

const ownBoot = (facts: Facts, kind: string, rest: string, theirs: Boot): Boot => {
  if (kind === 'mount') return theirs.held === 'default' ? (mountedByUnit(facts, rest) ?? theirs) : theirs;
  const value = heldValue(facts, `${kind} ${rest}`);
  if (!value || comesLater(facts, theirs)) return theirs;
  return {held: {value: value.value}, by: `${OWN.hold}:${String(value.line)}`};
};

/** A kind that also knows what linerate itself left on the host for the next boot, and where its values go to last. */
export const lastingKind = (kind: ResourceKind): ResourceKind => {
  const lasting = LASTING[kind.kind];
  return {
    ...kind,
    boot: (facts, rest) => ownBoot(facts, kind.kind, rest, kind.boot(facts, rest)),
    ...(lasting ? {lasting} : {}),
  };
};
