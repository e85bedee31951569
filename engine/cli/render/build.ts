import type {BuildReport} from '../../actions/build-types.ts';
import {printableLine} from '../../model/printable.ts';
import type {Output} from '../output.ts';

const MINUTE = 60;

/** `1:05`, or `1:02:03` from an hour on. */
export const duration = (milliseconds: number): string => {
  const seconds = Math.round(milliseconds / 1000);
  const [hours, minutes] = [Math.floor(seconds / MINUTE ** 2), Math.floor(seconds / MINUTE)];
  const two = (number: number): string => String(number).padStart(2, '0');
  return hours > 0
    ? `${String(hours)}:${two(minutes % MINUTE)}:${two(seconds % MINUTE)}`
    : `${String(minutes)}:${two(seconds % MINUTE)}`;
};

/** `builds it anew: gcc was 12.1, is 12.2`. */
export const whyText = (why: readonly string[]): string =>
  why.length === 0 ? '' : `: ${printableLine(why.join('; '), 300)}`;

const counted = (count: number, word: string): readonly string[] => (count === 0 ? [] : [`${String(count)} ${word}`]);

/** The last line of a build: `2 stages built, 5 found, 1 failed, in 4:12`. */
export const buildSummary = ({stages}: BuildReport, tookMs: number, output: Output): string => {
  const count = (state: string): number => stages.filter((stage) => stage.state === state).length;
  const failed = counted(count('failed'), 'failed').map((text) => output.paintError('redBright', text));
  const parts = [
    ...counted(count('built'), 'built'),
    ...counted(count('found'), 'found'),
    ...failed,
    ...counted(count('skipped'), 'not tried'),
  ];
  return `stages: ${parts.join(', ')}, in ${duration(tookMs)}\n`;
};

/** The report for programs. */
export const buildJson = ({stages}: BuildReport, artifacts: readonly string[]): string => {
  const plain = stages.map((stage) => ({
    name: stage.name,
    id: stage.id,
    state: stage.state,
    why: stage.why,
    ...(stage.state === 'found' || stage.state === 'built'
      ? {folder: stage.stored.folder, tookMs: stage.stored.tookMs}
      : {}),
    ...(stage.state === 'failed'
      ? {faults: stage.faults.map(({code, message, hint, at}) => ({code, message, hint, at}))}
      : {}),
  }));
  return `${JSON.stringify({stages: plain, artifacts}, undefined, 2)}\n`;
};
