import type {Fault} from '../../model/fault.ts';
import {printable} from '../../model/printable.ts';
import type {Plan} from '../../model/setting.ts';
import {effectOf} from '../../plan/fold.ts';
import type {Output, Style} from '../output.ts';

export type RecapLine = {host: string; plan?: Plan; fault?: Fault};

const counted = (word: string, count: number, style: Style, output: Output): string => {
  const text = `${word}=${String(count)}`.padEnd(word.length + 5);
  return count > 0 ? output.paint(style, text) : output.paint('dim', text);
};

/** Ansible's recap: a line a host, and what would disturb it. */
export const renderRecap = (lines: readonly RecapLine[], output: Output): string => {
  const width = Math.max(...lines.map((line) => line.host.length), 4);
  const rows = lines.map(({host, plan, fault}) => {
    const settings = plan?.settings ?? [];
    const changed = settings.filter((setting) => setting.pending.length > 0);
    const count = (effect: string): number => changed.filter((setting) => effectOf(setting) === effect).length;
    const style: Style = fault ? 'red' : changed.length > 0 ? 'yellow' : 'green';
    return [
      `${output.paint(style, printable(host).padEnd(width))} :`,
      counted('ok', settings.length - changed.length, 'green', output),
      counted('changed', changed.length, 'yellow', output),
      counted('link-flap', count('link-flap'), 'yellow', output),
      counted('reboot', count('reboot'), 'yellow', output),
      counted('refused', plan?.blocks.length ?? 0, 'magenta', output),
      counted('unreachable', fault?.owner === 'unreachable' ? 1 : 0, 'redBright', output),
      counted('failed', fault && fault.owner !== 'unreachable' ? 1 : 0, 'red', output),
    ]
      .join(' ')
      .trimEnd();
  });
  return `${output.paint('bold', 'RECAP')}\n${rows.join('\n')}\n`;
};
