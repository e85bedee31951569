import type {Nic} from '../nic.ts';
import {type Known, known} from '../../model/known.ts';
import {keyedLines, onOff} from './answer.ts';

type Settled<T> = T extends {unknown: string} ? never : T;

/** `ethtool -n`: how many ntuple rules there are. The probe cuts the answer there. */
export const parseRuleCount = (text: string): number | undefined => {
  const total = /^Total (\d+) rules?/m.exec(text)?.[1];
  return total === undefined ? undefined : Number(total);
};

/** `ethtool --show-priv-flags`; a driver that says it has none has the empty set. */
export const parsePrivateFlags = (text: string): Readonly<Record<string, boolean>> | undefined => {
  const flags = keyedLines(text).flatMap(([name, value]) => {
    const on = onOff(value);
    return on === undefined ? [] : [[name, on] as const];
  });
  if (flags.length > 0) return Object.fromEntries(flags);
  return /no private flags/i.test(text) ? {} : undefined;
};

/** `ethtool -a`: what is set, not what was negotiated. */
export const parsePause = (text: string): Settled<Nic['pause']> | undefined => {
  const lines = new Map(keyedLines(text));
  const [rx, tx] = [onOff(lines.get('RX') ?? ''), onOff(lines.get('TX') ?? '')];
  if (rx === undefined || tx === undefined) return undefined;
  const autonegotiate = onOff(lines.get('Autonegotiate') ?? '');
  return {...(autonegotiate === undefined ? {} : {autonegotiate}), rx, tx};
};

/** `ethtool -P`; undefined where there is none (`not set`, all zeroes). */
export const parsePermanentMac = (answer: Known<string>): string | undefined => {
  const mac = /^Permanent address: ([0-9a-f]{2}(?::[0-9a-f]{2})+)$/im.exec(known(answer) ?? '')?.[1]?.toLowerCase();
  return mac === undefined || /^[0:]+$/.test(mac) ? undefined : mac;
};

/** `ethtool -i`: empty texts where it says nothing. */
export const parseIdentity = (answer: Known<string>): {driver: string; version: string; firmware: string} => {
  const lines = new Map(keyedLines(known(answer) ?? ''));
  const said = (key: string): string => (lines.get(key) ?? '').replace(/^N\/A$/i, '');
  return {driver: said('driver'), version: said('version'), firmware: said('firmware-version')};
};
