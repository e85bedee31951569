import type {Coalesce} from '../nic.ts';
import {count, onOff} from './answer.ts';

// Two values on one line, and no option's name in it.
const PAIRS: readonly (readonly [line: RegExp, rx: string, tx: string])[] = [
  [/^Adaptive RX:\s+(\S+)\s+TX:\s+(\S+)/m, 'adaptive-rx', 'adaptive-tx'],
  [/^CQE mode RX:\s+(\S+)\s+TX:\s+(\S+)/m, 'cqe-mode-rx', 'cqe-mode-tx'],
];

/** `ethtool -c`, by the names that `ethtool -C` takes: it prints `rx-frame-low` and takes `rx-frames-low`. */
export const parseCoalesce = (text: string): Coalesce | undefined => {
  const found: Record<string, number | boolean> = {};
  for (const [line, rx, tx] of PAIRS) {
    const match = line.exec(text);
    const values = [onOff(match?.[1] ?? ''), onOff(match?.[2] ?? '')];
    if (values[0] !== undefined) found[rx] = values[0];
    if (values[1] !== undefined) found[tx] = values[1];
  }
  for (const match of text.matchAll(/^([a-z][a-z-]+):[ \t]+(\d+)$/gm)) {
    const value = count(match[2] ?? '');
    if (value !== undefined) found[(match[1] ?? '').replace(/^([rt]x)-frame-(low|high)$/, '$1-frames-$2')] = value;
  }
  return Object.keys(found).length === 0 ? undefined : found;
};
