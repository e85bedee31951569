// C0 but tab and newline, DEL, C1, and the bidirectional controls that can reorder what a reader sees.
// eslint-disable-next-line no-control-regex
const HIDDEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g;

/** Text from a host or a file, safe for a terminal: control characters become `\x1b`-like words a reader can see. */
export const printable = (text: string): string =>
  text.replaceAll(HIDDEN, (character) => {
    const code = character.charCodeAt(0);
    return code < 256 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
  });

/** As `printable`, on one line of at most `most` characters. */
export const printableLine = (text: string, most = 400): string => {
  const line = printable(text.trim())
    .replaceAll(/\s*\n\s*/g, ' | ')
    .replaceAll('\t', ' ');
  return line.length > most ? `${line.slice(0, most - 1)}…` : line;
};
