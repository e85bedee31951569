import {spawn} from 'node:child_process';

/** A shell in network and mount namespaces of its own. */
export type NamespaceShell = {
  /** Runs a script and gives what it prints; throws with its words where its status is not 0. */
  run(script: string): Promise<string>;
  end(): void;
};

const END = '__linerate_end__';

/**
 * Opens one; needs root, as queue files want CAP_NET_ADMIN of the first user namespace. It ends with its standard input, so
 * that nothing stays behind when the test is killed.
 */
export const namespaceShell = async (): Promise<NamespaceShell> => {
  const child = spawn('unshare', ['-nm', 'sh', '-c', 'mount -t sysfs none /sys && exec sh'], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let text = '';
  let wake = (): void => {};
  let ended = false;
  const hear = (piece: Buffer): void => {
    text += piece.toString();
    wake();
  };
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  child.on('close', () => {
    ended = true;
    wake();
  });
  const run = async (script: string): Promise<string> => {
    text = '';
    child.stdin.write(`( set -e\n${script}\n) 2>&1\necho "${END} $?"\n`);
    for (;;) {
      const match = new RegExp(`${END} (\\d+)\n`).exec(text);
      if (match?.[1] === '0') return text.slice(0, match.index);
      if (match ?? ended) throw new Error(`in the namespace (unshare of util-linux, root): ${text}`);
      await new Promise<void>((resolve) => (wake = resolve));
    }
  };
  await run('true');
  return {run, end: () => void child.stdin.end()};
};
