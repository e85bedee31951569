import {spawnSync} from 'node:child_process';
import type {ExecutionContext} from 'ava';
import {testFolder} from './bench.ts';

const run = (command: string, words: readonly string[], input?: Buffer | string): Buffer => {
  const {status, stdout, stderr, error} = spawnSync(command, words, {input, maxBuffer: 64 * 1024 * 1024});
  if (error) throw error;
  if (status !== 0) throw new Error(`${command} ${words.join(' ')}: ${String(stderr)}`);
  return stdout;
};

/** Somebody who signs: with a key of gpg's making that goes with the test. */
export type Signer = {
  /** The public key, armoured or in binary. */
  publicKey: (armoured: boolean) => Buffer;
  detached: (bytes: Buffer) => Buffer;
  clear: (text: string) => string;
};

export const signer = async (t: ExecutionContext): Promise<Signer> => {
  // The agent's socket lies there: its path must stay short.
  const home = await testFolder(t, 'lk-');
  const words = ['--homedir', home, '--batch', '--quiet', '--pinentry-mode', 'loopback', '--passphrase', ''];
  // The agent that gpg starts would outlive it; it ends with the namespace.
  const gpg = (more: readonly string[], input?: Buffer | string): Buffer =>
    run('unshare', ['--pid', '--fork', '--kill-child', 'gpg', ...words, ...more], input);
  gpg(['--quick-generate-key', 'a test <test@localhost>', 'ed25519', 'sign', 'never']);
  return {
    publicKey: (armoured) => gpg([...(armoured ? ['--armor'] : []), '--export']),
    detached: (bytes) => gpg(['--detach-sign', '--armor', '--output', '-'], bytes),
    clear: (text) => gpg(['--clearsign', '--output', '-'], text).toString('utf8'),
  };
};
