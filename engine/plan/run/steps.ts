import type {Change, Step} from '../../model/change.ts';
import {shellJoin, shellQuote} from '../../model/shell.ts';
import {filesOf} from './spec.ts';

const packageWords = ({exact, install, remove, purge}: Step & {do: 'packages'}): readonly string[] => [
  exact ? 'exact' : 'any',
  ...install.map((word) => `+${word}`),
  ...remove.map((name) => `-${name}`),
  ...purge.map((name) => `_${name}`),
];

/** One step as a command of the run's own library (`library-steps.ts`). */
export const stepCommand = (step: Step): string => {
  if (step.do === 'write') return shellJoin([step.ifOther ? 'write_other' : 'write', step.path, step.text]);
  if (step.do === 'affinity') return shellJoin(['affinity', step.irq, step.cpus]);
  if (step.do === 'run') return shellJoin([step.optional ? 'run_optional' : 'run', ...step.argv]);
  if (step.do === 'return') return shellJoin(['bring', step.from, step.path]);
  if (step.do === 'remove') return shellJoin(['remove', step.path]);
  if (step.do === 'settle') return shellJoin(['settle', step.nic]);
  if (step.do === 'packages') return shellJoin([`packages_${step.program}`, ...packageWords(step)]);
  if (step.do === 'packages-back') return `packages_${step.program}_back`;
  return shellJoin([
    'put',
    step.path,
    step.mode.toString(8),
    step.text,
    ...(step.owner === undefined ? [] : [step.owner]),
  ]);
};

/** One change's way there: the first command that fails ends the function that this stands in. */
export const changeText = (change: Change, number: number): string =>
  [`begin ${String(number)}`, ...change.steps.map(stepCommand), `finished ${String(number)}`].join(' &&\n') +
  ' || return 1';

/**
 * One change's way back. Its files come back byte by byte from the journal, so a step that would put one of them is left
 * out; every other step is tried, whatever became of the one before.
 */
export const undoText = (change: Change, kept: readonly string[]): string => {
  const files = filesOf(change);
  const restores = [...new Set(files)].map((file) => `try restore ${String(kept.indexOf(file))} ${shellQuote(file)}`);
  const steps = change.undo.filter((step) => !('path' in step) || !files.includes(step.path));
  return [...restores, ...steps.map((step) => `try ${stepCommand(step)}`), ':'].join('\n');
};
