/** The words of a line, or why it cannot be split. */
export type Words = {words: readonly string[]} | {broken: string};

const BLANKS = ' \t\r\n';

type Splitter = {words: string[]; word: string | undefined};

const finishWord = (state: Splitter): void => {
  if (state.word !== undefined) state.words.push(state.word);
  state.word = undefined;
};

/** The text between double quotes and the index after them: a backslash escapes only a backslash and a quote. */
const doubleQuoted = (line: string, from: number): {text: string; end: number} | string => {
  let text = '';
  for (let at = from; at < line.length; at++) {
    const character = line[at] ?? '';
    if (character === '"') return {text, end: at + 1};
    if (character !== '\\') text += character;
    else if (at + 1 === line.length) return 'no escaped character';
    else {
      at++;
      const escaped = line[at] ?? '';
      text += escaped === '"' || escaped === '\\' ? escaped : `\\${escaped}`;
    }
  }
  return 'no closing quotation';
};

const singleQuoted = (line: string, from: number): {text: string; end: number} | string => {
  const end = line.indexOf("'", from);
  return end < 0 ? 'no closing quotation' : {text: line.slice(from, end), end: end + 1};
};

const afterComment = (line: string, from: number): number => {
  const end = line.indexOf('\n', from);
  return end < 0 ? line.length : end + 1;
};

/**
 * Splits as Python's `shlex.split` does (POSIX mode). With `comments`, `#` starts a comment wherever it stands outside
 * of quotes, also inside a word: `key=a#b` is the word `key=a`.
 */
export const splitWords = (line: string, comments: boolean): Words => {
  const state: Splitter = {words: [], word: undefined};
  for (let at = 0; at < line.length;) {
    const character = line[at] ?? '';
    if (BLANKS.includes(character)) {
      finishWord(state);
      at++;
    } else if (comments && character === '#') {
      finishWord(state);
      at = afterComment(line, at);
    } else if (character === '"' || character === "'") {
      const quoted = character === '"' ? doubleQuoted(line, at + 1) : singleQuoted(line, at + 1);
      if (typeof quoted === 'string') return {broken: quoted};
      state.word = (state.word ?? '') + quoted.text;
      at = quoted.end;
    } else if (character === '\\') {
      if (at + 1 === line.length) return {broken: 'no escaped character'};
      state.word = (state.word ?? '') + (line[at + 1] ?? '');
      at += 2;
    } else {
      state.word = (state.word ?? '') + character;
      at++;
    }
  }
  finishWord(state);
  return {words: state.words};
};
