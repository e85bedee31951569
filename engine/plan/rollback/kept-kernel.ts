import type {Facts} from '../../facts/facts.ts';
import {OWN} from '../../facts/own-files.ts';
import type {Change} from '../../model/change.ts';
import type {Block, Setting} from '../../model/setting.ts';
import {kernelRelease} from '../../resources/kernel-release.ts';
import {splitId} from '../../resources/lookup.ts';

const REASON = 'the kernel that runs stays';

/** A rollback takes no running kernel away: its modules, and the way back to it, would be gone. */
export const runningKernel = ({os}: Facts, {id, want}: Pick<Setting, 'id' | 'want'>): Block | undefined => {
  const {kind, rest} = splitId(id);
  if (kind !== 'package' || (want !== 'absent' && want !== 'removed') || kernelRelease(rest) !== os.kernel)
    return undefined;
  return {id, reason: REASON, hint: 'remove the package when the host has booted its earlier kernel'};
};

const DEFAULT: ReadonlySet<string> = new Set([`file ${OWN.kernel}`, 'command default kernel']);

/**
 * Where the running kernel stays installed, the earlier one stays chosen by its name: without that the newest one would boot
 * again. `blocks` are those of the rollback's packages.
 */
export const withEarlierDefault = <Back extends {changes: readonly Change[]; blocks: readonly Block[]}>(
  files: Back,
  blocks: readonly Block[],
): Back => {
  const chosen = files.changes.filter(({id}) => DEFAULT.has(id));
  const first = chosen.at(-1);
  if (!first || chosen.length === 1 || !blocks.some(({reason}) => reason === REASON)) return files;
  const kept: Block = {id: first.id, reason: 'the earlier kernel stays chosen by its name, as the later one stays too'};
  return {...files, changes: files.changes.filter((change) => change !== first), blocks: [...files.blocks, kept]};
};
