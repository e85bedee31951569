import type {Plan, Setting} from '../model/setting.ts';
import {bootText, heldText, shownValue} from './fold.ts';

/** What `verify` found of one host: its plan, or why there is none. */
export type Verified = {host: string; plan: Plan} | {host: string; fault: {code: string; message: string}};

/** What a setting holds and should hold, in words: `live 4096, next boot default, wanted 65535`. */
export const driftText = ({id, live, boot, want}: Setting): string => {
  const by = boot.by === undefined ? '' : ` (${boot.by})`;
  return `live ${heldText(id, live)}, next boot ${bootText(id, boot)}${by}, wanted ${shownValue(id, want)}`;
};
