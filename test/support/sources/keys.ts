import {spawnSync} from 'node:child_process';
import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import type {ExecutionContext} from 'ava';

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
  const home = await mkdtemp(path.join(tmpdir(), 'lk-'));
  const gpg = (words: readonly string[], input?: Buffer | string): Buffer =>
    run(
      'gpg',
      ['--homedir', home, '--batch', '--quiet', '--pinentry-mode', 'loopback', '--passphrase', '', ...words],
      input,
    );
  t.teardown(async () => {
    spawnSync('gpgconf', ['--homedir', home, '--kill', 'all']);
    await rm(home, {recursive: true, force: true});
  });
  gpg(['--quick-generate-key', 'a test <test@localhost>', 'ed25519', 'sign', 'never']);
  return {
    publicKey: (armoured) => gpg([...(armoured ? ['--armor'] : []), '--export']),
    detached: (bytes) => gpg(['--detach-sign', '--armor', '--output', '-'], bytes),
    clear: (text) => gpg(['--clearsign', '--output', '-'], text).toString('utf8'),
  };
};
