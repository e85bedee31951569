import {joinFrames, splitFrames} from './frame-text.ts';
import {scrub} from './scrub.ts';

/** The first line of every recording: format, version, and the word that its frames begin with. */
const HEAD = /^linerate recording (\d+) (\S+)\n/;
const VERSION = 1;

/** A word that begins no line of the text. */
const freeToken = (text: string): string => {
  for (let number = 0; ; number++) {
    const token = number === 0 ? 'frame' : `frame${String(number)}`;
    if (!`\n${text}`.includes(`\n${token} `)) return token;
  }
};

/** A probe's output as the text of a recording file: scrubbed, and the same for the same host state. */
export const recordingOf = (output: string, token: string): string => {
  const scrubbed = scrub(output, token);
  const free = freeToken(scrubbed);
  return `linerate recording ${String(VERSION)} ${free}\n${joinFrames(splitFrames(scrubbed, token), free)}`;
};

export type Recording = {
  /** The word that its frames begin with, for `parseFrames`. */
  token: string;
  /** The frames, as the probe printed them. */
  text: string;
};

/** A recording file's frames; a reason when it is none that this version can read. */
export const readRecordingText = (text: string): Recording | {reason: string} => {
  const [head = '', version, token] = HEAD.exec(text) ?? [];
  if (token === undefined) return {reason: 'its first line does not say `linerate recording`'};
  if (Number(version) > VERSION)
    return {reason: `it has format ${String(version)} and this linerate reads up to ${String(VERSION)}`};
  const frames = text.slice(head.length);
  if (!`\n${frames}`.endsWith(`\n${token} end\n`))
    return {reason: "it is cut off: its last line is not the probe's end"};
  return {token, text: frames};
};

/** What a probe with `token` would have printed on the recorded host. */
export const replayed = ({token, text}: Recording, other: string): string =>
  joinFrames(splitFrames(text, token), other);
