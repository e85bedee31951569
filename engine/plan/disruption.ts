import type {Facts} from '../facts/facts.ts';
import {isUnknown} from '../model/known.ts';
import type {Block, Setting} from '../model/setting.ts';
import {nicOf, splitId} from '../resources/lookup.ts';
import {bindingRefusal} from './binding-refusals.ts';

const NIC_KINDS = new Set(['nic', 'rss', 'irq', 'queue']);

/** The NIC that a setting belongs to; undefined for the host's. */
export const nicName = (id: string): string | undefined => {
  const {kind, rest} = splitId(id);
  const blank = rest.indexOf(' ');
  return NIC_KINDS.has(kind) ? (blank < 0 ? rest : rest.slice(0, blank)) : undefined;
};

/** Why a NIC must not be reset now. */
const inUse = (facts: Facts, name: string): {reason: string; hint: string} | undefined => {
  const nic = nicOf(facts, name);
  const functions = nic?.pci?.vfsEnabled ?? 0;
  if (functions > 0) {
    return {
      reason: `would reset ${name}, which has ${String(functions)} virtual functions that guests or other programs may use`,
      hint: 'take the virtual functions away first, or set it before they are made',
    };
  }
  if (nic?.xdp) {
    return {
      reason: `would reset ${name}, which runs the XDP program ${nic.xdp.program} (${nic.xdp.mode})`,
      hint: 'detach the program first, or set it before the program is attached',
    };
  }
  if (nic?.xdpSockets === undefined) return undefined;
  const sockets = isUnknown(nic.xdpSockets)
    ? `may carry AF_XDP sockets (${nic.xdpSockets.unknown})`
    : `carries AF_XDP sockets on queues ${nic.xdpSockets.join(', ')}`;
  return {
    reason: `would reset ${name}, which ${sockets}`,
    hint: 'end the programs that hold these sockets first, or set it before they start',
  };
};

/** The refusal of a change that would cut something off; undefined where the setting may stand. */
export const disruptionOf = (facts: Facts, setting: Setting): Block | undefined => {
  const name = setting.effect === 'link-flap' && setting.pending.includes('live') ? nicName(setting.id) : undefined;
  const found = name === undefined ? undefined : inUse(facts, name);
  if (!found) return bindingRefusal(facts, setting);
  return {id: setting.id, reason: `${setting.want} ${found.reason}`, hint: found.hint};
};
