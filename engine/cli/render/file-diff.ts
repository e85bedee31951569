import {printable} from '../../model/printable.ts';
import type {Setting} from '../../model/setting.ts';
import {fileDiff} from '../../plan/file-diff.ts';
import type {DiffLine} from '../../plan/text-diff.ts';
import type {Output, Style} from '../output.ts';

const MOST_LINES = 200;

const STYLES: Readonly<Record<DiffLine['mark'], Style>> = {' ': 'dim', '-': 'red', '+': 'green', '@': 'cyan'};

/** What changes in the text of a setting's file, as a coloured unified diff; nothing for other settings. */
export const renderFileDiff = (setting: Setting, output: Pick<Output, 'paint'>): string[] => {
  const lines = fileDiff(setting) ?? [];
  if (lines === 'secret') return [output.paint('dim', 'its text is not shown: not everybody on the host may read it')];
  return [
    ...lines
      .slice(0, MOST_LINES)
      .map(({mark, text}) => output.paint(STYLES[mark], printable(mark === '@' ? text : `${mark}${text}`))),
    ...(lines.length > MOST_LINES ? [output.paint('dim', `… ${String(lines.length - MOST_LINES)} more lines`)] : []),
  ];
};
