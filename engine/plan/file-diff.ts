import type {Setting} from '../model/setting.ts';
import {parseFileText, type FileState} from '../resources/file-value.ts';
import {textDiff, type DiffLine} from './text-diff.ts';

const EVERYBODY = 0o004;

const isSecret = (state: FileState): boolean => state.is === 'text' && (state.mode & EVERYBODY) === 0;

const textOf = (state: FileState): string | undefined =>
  state.is === 'text' ? state.text : state.is === 'absent' ? '' : undefined;

/**
 * What changes in the text of a setting's file; `secret` where not everybody on the host may read it. Undefined for settings
 * of other kinds, for what is no text, and where the text stays as it is.
 */
export const fileDiff = ({id, live, want}: Setting): readonly DiffLine[] | 'secret' | undefined => {
  if (!id.startsWith('file ') || typeof live !== 'object' || !('value' in live)) return undefined;
  const [before, after] = [parseFileText(live.value), parseFileText(want)];
  if (!before || !after) return undefined;
  const [old, young] = [textOf(before), textOf(after)];
  if (old === undefined || young === undefined || old === young) return undefined;
  return isSecret(before) || isSecret(after) ? 'secret' : textDiff(old, young);
};
