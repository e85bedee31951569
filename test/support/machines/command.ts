import {spawn} from 'node:child_process';

export type Outcome = {status: number; stdout: string; stderr: string};

/**
 * Runs a program to its end, whatever its status. The kernel ends it when this process dies (`setpriv --pdeathsig`), so
 * that an interrupted test leaves nothing running.
 */
export const outcomeOf = async (argv: readonly string[], input = ''): Promise<Outcome> =>
  new Promise((resolve, reject) => {
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', ...argv], {stdio: ['pipe', 'pipe', 'pipe']});
    const texts = {stdout: '', stderr: ''};
    child.stdout.setEncoding('utf8').on('data', (text: string) => (texts.stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (texts.stderr += text));
    child.stdin.on('error', () => undefined).end(input);
    child.on('error', (cause) => {
      reject(
        new Error(`${argv[0] ?? ''} cannot be run: ./linerate doctor --install installs what tests need`, {cause}),
      );
    });
    child.on('close', (status) => {
      resolve({status: status ?? 128, ...texts});
    });
  });

/** The standard output of a program that must succeed. */
export const outputOf = async (...argv: readonly string[]): Promise<string> => {
  const {status, stdout, stderr} = await outcomeOf(argv);
  if (status !== 0) throw new Error(`${argv.join(' ')} ended with ${String(status)}: ${stderr.trim().slice(-2000)}`);
  return stdout;
};
