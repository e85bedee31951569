import type {Channels} from '../nic.ts';
import {maximumsAndNow} from './maximums.ts';

/** `ethtool -l`. */
export const parseChannels = (text: string): Channels | undefined =>
  maximumsAndNow(text, {RX: 'rx', TX: 'tx', Other: 'other', Combined: 'combined'});
