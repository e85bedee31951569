import {styleText} from 'node:util';

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan' | 'magenta' | 'redBright' | 'underline';

/** Where a command's words go: data to standard output, all else to standard error. */
export type Output = {
  out: (text: string) => void;
  err: (text: string) => void;
  /** Colours the text where standard output is a terminal that wants colours (NO_COLOR, FORCE_COLOR). */
  paint: (style: Style | readonly Style[], text: string) => string;
  /** The same for standard error. */
  paintError: (style: Style | readonly Style[], text: string) => string;
  /** Columns of standard output; 0 when it is not a terminal. */
  columns: number;
  /** Whether standard error is a terminal: progress may move the cursor there. */
  interactive: boolean;
};

const wantsColour = (stream: NodeJS.WriteStream): boolean => {
  if (process.env['NO_COLOR'] !== undefined && process.env['NO_COLOR'] !== '') return false;
  const force = process.env['FORCE_COLOR'];
  if (force !== undefined) return force !== '0' && force !== 'false';
  return stream.isTTY && process.env['TERM'] !== 'dumb';
};

const painter = (stream: NodeJS.WriteStream) => {
  const coloured = wantsColour(stream);
  return (style: Style | readonly Style[], text: string): string =>
    coloured ? styleText(typeof style === 'string' ? style : [...style], text, {validateStream: false}) : text;
};

/**
 * The terminal, or whatever the two streams are. A reader that closes early (`| head`) ends the program quietly; a terminal
 * that is gone (EIO) must not keep us from bringing hosts back.
 */
export const terminalOutput = (): Output => {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exitCode = 0;
    else if (error.code !== 'EIO') throw error;
  });
  process.stderr.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EIO' && error.code !== 'EPIPE') throw error;
  });
  return {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    paint: painter(process.stdout),
    paintError: painter(process.stderr),
    columns: process.stdout.isTTY ? process.stdout.columns : 0,
    interactive: process.stderr.isTTY && process.env['TERM'] !== 'dumb' && process.env['CI'] === undefined,
  };
};
