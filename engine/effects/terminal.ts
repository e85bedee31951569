import {createInterface} from 'node:readline/promises';
import {Writable} from 'node:stream';
import {Fault} from '../model/fault.ts';
import {Secret} from '../model/secret.ts';

/**
 * Asks on the terminal for a text that is not shown.
 * @throws Fault `no-terminal` when there is none to ask on
 */
export const askSecret = async (question: string, signal: AbortSignal): Promise<Secret> => {
  if (!process.stdin.isTTY)
    throw new Fault({
      code: 'no-terminal',
      owner: 'user',
      message: `cannot ask for the ${question}: standard input is not a terminal`,
      hint: 'give it in a file: --become-password-file FILE',
    });
  process.stderr.write(`${question}: `);
  const silent = new Writable({write: (_chunk, _encoding, done) => done()});
  const lines = createInterface({input: process.stdin, output: silent, terminal: true});
  try {
    return new Secret(await lines.question('', {signal}));
  } finally {
    lines.close();
    process.stderr.write('\n');
  }
};

/**
 * Asks a question that only `y` or `yes` answers in the affirmative.
 * @throws Fault `no-terminal` when there is none to ask on
 */
export const askYes = async (question: string, signal: AbortSignal): Promise<boolean> => {
  if (!process.stdin.isTTY)
    throw new Fault({
      code: 'no-terminal',
      owner: 'user',
      message: `cannot ask "${question}": standard input is not a terminal`,
      hint: '--yes approves without a question',
    });
  const lines = createInterface({input: process.stdin, output: process.stderr});
  try {
    return /^y(?:es)?$/i.test((await lines.question(`${question} [y/N] `, {signal})).trim());
  } finally {
    lines.close();
  }
};

/** Whether there is a person to ask. */
export const hasTerminal = (): boolean => process.stdin.isTTY;

const CTRL_C = '\u0003';

/**
 * Asks whether changes that stand shall be kept, and waits for one key: `y` keeps them, `n` does not. Resolves with false
 * when `signal` ends the wait.
 */
export const askKeep = async (seconds: number, signal: AbortSignal): Promise<boolean> => {
  const {stdin, stderr} = process;
  stdin.setRawMode(true);
  stdin.setEncoding('utf8').resume();
  stderr.write(`keep these changes? press y within ${String(seconds)} s, or else they are undone `);
  try {
    return await new Promise<boolean>((resolve) => {
      const answer = (kept: boolean): void => {
        stdin.off('data', pressed);
        signal.removeEventListener('abort', ended);
        resolve(kept);
      };
      const ended = (): void => answer(false);
      const pressed = (keys: string): void => {
        // A raw terminal makes no signal of Ctrl-C.
        if (keys.includes(CTRL_C)) process.kill(process.pid, 'SIGINT');
        else if (/y/i.test(keys)) answer(true);
        else if (/n/i.test(keys)) answer(false);
      };
      stdin.on('data', pressed);
      if (signal.aborted) ended();
      else signal.addEventListener('abort', ended);
    });
  } finally {
    stdin.setRawMode(false);
    stdin.pause();
    stderr.write('\n');
  }
};
