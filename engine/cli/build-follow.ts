import {printableLine} from '../model/printable.ts';
import type {Output} from './output.ts';
import {duration} from './render/build.ts';

const OBJECT = /^\s+(?:CC|AS|LD|AR|HOSTCC|HOSTLD)\b/;
const OF_ALL = /^\[(\d+)\/(\d+)\]/;

const LAST_LINES = 20;

/** How far a stage has come, by what it says. */
export const follow = () => {
  const began = performance.now();
  const last: string[] = [];
  let [objects, ofAll] = [0, ''];
  return {
    last,
    hear(line: string): void {
      last.push(line);
      if (last.length > LAST_LINES) last.shift();
      if (OBJECT.test(line)) objects++;
      const share = OF_ALL.exec(line);
      if (share) ofAll = `${share[1] ?? ''} of ${share[2] ?? ''}`;
    },
    text(): string {
      const count = ofAll === '' && objects > 0 ? `${String(objects)} objects` : ofAll;
      return [duration(performance.now() - began), ...(count === '' ? [] : [count])].join(', ');
    },
  };
};

export type Follower = ReturnType<typeof follow>;

/** What a stage that failed said last. */
export const lastLines = (stage: string, {last}: Follower, output: Output): string =>
  last.length === 0
    ? ''
    : `${output.paintError('dim', `--- the last lines of ${stage}:`)}\n${last.map((line) => `  ${printableLine(line, 400)}\n`).join('')}`;
