import {type Known, known, unknown} from '../../model/known.ts';
import type {Frames} from '../frames.ts';
import type {Nic} from '../nic.ts';
import {devicePath} from '../nic-device.ts';
import {MOST_ASKED, MOST_VIRTUAL} from '../nic-script.ts';
import {understood} from './answer.ts';
import {parseChannels} from './channels.ts';
import {parseCoalesce} from './coalesce.ts';
import {parseFeatures} from './features.ts';
import {parseRings} from './rings.ts';
import {parseRss} from './rss.ts';
import {parseIdentity, parsePause, parsePermanentMac, parsePrivateFlags, parseRuleCount} from './small-answers.ts';

type Reason = (nic: string, verb: string) => string;

/** Why the probe did not ask an interface a verb; for those that it would have asked, what kept the answer away. */
export const unaskedReasons = (frames: Frames, nics: readonly string[]): Reason => {
  const devices = nics.filter((nic) => devicePath(frames, nic) !== undefined).length;
  const noEthtool = frames.runs.get('ethtool')?.status === 127;
  return (nic, verb) => {
    if (frames.absent.has('/sys/class/net')) return 'not asked: the host shows no /sys';
    const device = devicePath(frames, nic) !== undefined;
    if (!device && verb !== '-k') return 'not asked: no device behind it';
    if (noEthtool) return 'ethtool is not installed';
    if (/^-|^\*$/.test(nic)) return 'not asked: ethtool would not take its name for a name';
    if (device && devices > MOST_ASKED) return `not asked: more than ${String(MOST_ASKED)} interfaces with a device`;
    const many = !device && nics.length - devices > MOST_VIRTUAL;
    return many ? `not asked: more than ${String(MOST_VIRTUAL)} virtual interfaces` : 'not read';
  };
};

type Answers = {
  identity: ReturnType<typeof parseIdentity>;
  permanentMac: string | undefined;
  settings: Pick<
    Nic,
    'rings' | 'channels' | 'coalesce' | 'features' | 'rss' | 'ntupleRules' | 'privateFlags' | 'pause'
  >;
};

/** All that ethtool told of one interface, verb by verb. */
export const answersOf = (frames: Frames, nic: string, reason: Reason): Answers => {
  // Whatever the exit status: -x without support ends with 0, and old builds end with an error after half an answer.
  const answer = (verb: string): Known<string> =>
    frames.runs.get(`ethtool ${verb} ${nic}`)?.output ?? unknown(reason(nic, verb));
  // `-i` says in a field of its own that there are none; the refusal of the verb would look like a missing right.
  const noFlags = known(answer('-i'))?.includes('supports-priv-flags: no');
  return {
    identity: parseIdentity(answer('-i')),
    permanentMac: parsePermanentMac(answer('-P')),
    settings: {
      rings: understood(answer('-g'), parseRings),
      channels: understood(answer('-l'), parseChannels),
      coalesce: understood(answer('-c'), parseCoalesce),
      features: understood(answer('-k'), parseFeatures),
      rss: understood(answer('-x'), parseRss),
      ntupleRules: understood(answer('-n'), parseRuleCount),
      privateFlags: noFlags ? {} : understood(answer('--show-priv-flags'), parsePrivateFlags),
      pause: understood(answer('-a'), parsePause),
    },
  };
};
