import type {Rings} from '../nic.ts';
import {maximumsAndNow} from './maximums.ts';

/** `ethtool -g`. */
export const parseRings = (text: string): Rings | undefined =>
  maximumsAndNow(text, {
    RX: 'rx',
    'RX Mini': 'rxMini',
    'RX Jumbo': 'rxJumbo',
    TX: 'tx',
    'TX push buff len': 'txPushBufLen',
  });
