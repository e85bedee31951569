import type {DifferenceGroup} from '../../actions/kernel-config-diff.ts';
import type {KernelConfiguration} from '../../actions/kernel-config.ts';
import type {PatchOutcome} from '../../actions/kernel-patches.ts';
import {printable, printableLine} from '../../model/printable.ts';
import {differenceText} from '../../stages/kernel/kconfig/drift.ts';
import {patchStatusText, rejectText} from '../../stages/kernel/patch-status.ts';
import type {Output, Style} from '../output.ts';

type Paint = Pick<Output, 'paint'>;

const STYLES: Readonly<Record<PatchOutcome['status'], Style>> = {
  applied: 'green',
  already: 'yellow',
  failed: 'redBright',
  missing: 'redBright',
};

const styleOf = ({status, fuzz}: PatchOutcome): Style => (status === 'applied' && fuzz > 0 ? 'yellow' : STYLES[status]);

const totals = (outcomes: readonly PatchOutcome[]): string => {
  const count = (...statuses: readonly PatchOutcome['status'][]): number =>
    outcomes.filter(({status}) => statuses.includes(status)).length;
  return `${String(outcomes.length)} patches: ${String(count('applied'))} applied, ${String(count('already'))} already there, ${String(count('failed', 'missing'))} refused\n`;
};

/** A series as a table, and the refused hunks with what the tree holds in their place. */
export const patchLines = (outcomes: readonly PatchOutcome[], {paint}: Paint): string => {
  if (outcomes.length === 0) return 'it has no patches\n';
  const width = String(outcomes.length).length;
  const rows = outcomes.map(
    (one) =>
      `${String(one.number).padStart(width)}  ${printable(one.patch)}  ${paint(styleOf(one), patchStatusText(one))}\n`,
  );
  const rejects = outcomes.flatMap((one) =>
    one.rejects.map((reject) => `\n${paint('bold', printable(one.patch))}\n${rejectText(reject)}\n`),
  );
  return [...rows, ...rejects, '\n', totals(outcomes)].join('');
};

/** What became of the committed configuration. */
export const configLines = ({file, committed, drift, written}: KernelConfiguration, {paint}: Paint): string => {
  const differences = [...drift.asked, ...drift.derived].map(
    (one) => `  CONFIG_${printableLine(differenceText(one))}\n`,
  );
  if (written) return `${committed ? differences.join('') : ''}${paint('green', 'written:')} ${file}\n`;
  if (!committed) return `${paint('redBright', 'not committed:')} ${file}; --update writes it\n`;
  if (drift.asked.length === 0) return `${paint('green', 'as committed:')} ${file}\n`;
  return `${differences.join('')}${paint('redBright', 'differs:')} ${file}; --update writes what comes out now\n`;
};

/** Options that differ, by their menus. */
export const differenceLines = (groups: readonly DifferenceGroup[], {paint}: Paint): string => {
  if (groups.length === 0) return 'they hold the same\n';
  const section = ({heading, differences}: DifferenceGroup): string => {
    const rows = differences.map(
      (one) =>
        `  ${printableLine(differenceText(one))}${one.prompt === undefined ? '' : paint('dim', `  ${printableLine(one.prompt)}`)}\n`,
    );
    return `${paint('bold', heading === '' ? 'Without a menu' : printableLine(heading))}\n${rows.join('')}`;
  };
  return groups.map(section).join('\n');
};
