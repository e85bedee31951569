import {Buffer} from 'node:buffer';
import {randomBytes} from 'node:crypto';

/** What a script printed on one stream, cut out of everything else that came down the same stream. */
export type MarkedStream = {
  push(chunk: Buffer): void;
  /** Whether the begin mark has come: from then on the shell is known to answer. */
  begun(): boolean;
  /** The word after the end mark, once it has come. */
  ended(): string | undefined;
  /** The bytes between the marks. */
  body(): Buffer;
};

export type MarkedLimits = {
  /** Most bytes of the body to keep. */
  most: number;
  /** Called when the body is larger; where it returns, the excess is dropped. */
  exceeded(): void;
};

const NOISE = 65_536;

/** A word that nothing on a host can know beforehand. */
export const freshToken = (): string => randomBytes(16).toString('hex');

/**
 * The shell's own words around a script: a fresh token cannot be forged by what a profile or a script prints, and
 * it is sent in two halves so that a host which merely echoes its input never shows it whole.
 */
export const announce = (token: string, word: 'begin' | 'end', status = '0'): string =>
  `printf '\\n%s%s %s %s\\n' ${token.slice(0, 8)} ${token.slice(8)} ${word} ${status}`;

/** What came after the last mark: the words of an end, without what earlier scripts or banners said. */
export const sinceLastMark = (text: string): string => text.split(/^[0-9a-f]{32} (?:begin|end) \d+$/m).at(-1) ?? '';

/** Watches one stream for `\nTOKEN begin 0\n` … `\nTOKEN end STATUS\n`. */
export const markedStream = (token: string, limits: MarkedLimits): MarkedStream => {
  const begin = Buffer.from(`\n${token} begin 0\n`);
  const end = Buffer.from(`\n${token} end `);
  const kept: Buffer[] = [];
  let size = 0;
  let carry: Buffer = Buffer.alloc(0);
  let stage: 'before' | 'body' | 'end' | 'over' = 'before';
  let status = '';

  const keep = (bytes: Buffer): void => {
    const room = limits.most - size;
    if (bytes.length > room) limits.exceeded();
    const part = bytes.subarray(0, Math.max(0, room));
    size += part.length;
    if (part.length > 0) kept.push(part);
  };
  const before = (bytes: Buffer): void => {
    const at = bytes.indexOf(begin);
    carry = at < 0 ? bytes.subarray(-NOISE) : bytes.subarray(at + begin.length);
    if (at >= 0) stage = 'body';
  };
  const inside = (bytes: Buffer): void => {
    const at = bytes.indexOf(end);
    const safe = at < 0 ? Math.max(0, bytes.length - end.length + 1) : at;
    keep(bytes.subarray(0, safe));
    carry = at < 0 ? bytes.subarray(safe) : bytes.subarray(at + end.length);
    if (at >= 0) stage = 'end';
  };
  const after = (bytes: Buffer): void => {
    const at = bytes.indexOf('\n');
    carry = bytes;
    if (at < 0) return;
    status = bytes.toString('latin1', 0, at);
    stage = 'over';
  };
  return {
    push(chunk) {
      carry = carry.length === 0 ? chunk : Buffer.concat([carry, chunk]);
      if (stage === 'before') before(carry);
      if (stage === 'body') inside(carry);
      if (stage === 'end') after(carry);
    },
    begun: () => stage !== 'before',
    ended: () => (stage === 'over' ? status : undefined),
    body: () => Buffer.concat(kept),
  };
};
