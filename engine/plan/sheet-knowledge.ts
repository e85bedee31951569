import * as v from 'valibot';

import {address, checkRows, sentence} from './sheet-rows.ts';
import type {SettingKnowledge} from './sheet.ts';

const schema = v.strictObject({
  set: address,
  what: sentence,
  unit: v.exactOptional(sentence),
  default: v.exactOptional(sentence),
  cost: v.exactOptional(sentence),
  source: sentence,
});

/** Reads a file of what settings are; all its faults at once, each with file and line. */
export const parseKnowledge = (text: string, path: string): SettingKnowledge[] => checkRows(schema, text, path);
