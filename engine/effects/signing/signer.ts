import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {Fault} from '../../model/fault.ts';
import {printable, printableLine} from '../../model/printable.ts';
import {toolOutcome, toolOutput} from '../system-tool.ts';

/** Where a key lies; neither the key nor its passphrase is ever an argument of a program. */
export type SigningKey = {
  /** An exported OpenPGP secret key, armoured or not. */
  file: string;
  passphrase?: string;
};

/** Signs with one key, by gpg with a home of its own; the user's keyring is left alone. */
export type Signer = {
  fingerprint: string;
  /** gpg's home, in which `passphraseFile` may lie. */
  home: string;
  passphraseFile?: string;
  /** The public key, armoured. */
  publicKey: string;
  signal: AbortSignal;
};

const keyFault = ({file}: SigningKey, why: string): Fault =>
  new Fault({
    code: 'signing-key',
    owner: 'user',
    message: `${printable(file)} cannot be signed with: ${why}`,
    hint: 'a file that `gpg --export-secret-keys ID` wrote, with one key',
  });

/** The words with which gpg asks nobody anything. */
export const gpgWords = ({home, passphraseFile}: Pick<Signer, 'home' | 'passphraseFile'>): readonly string[] => [
  '--homedir',
  home,
  '--batch',
  '--no-tty',
  '--pinentry-mode',
  'loopback',
  ...(passphraseFile === undefined ? [] : ['--passphrase-file', passphraseFile]),
];

const fingerprintsOf = (colons: string): readonly string[] =>
  [...colons.matchAll(/^sec:.*\n(?:grp:.*\n)*fpr:+([0-9A-F]+):/gm)].map(([, fingerprint = '']) => fingerprint);

const openKey = async (key: SigningKey, home: string, signal: AbortSignal): Promise<Signer> => {
  const passphraseFile = key.passphrase === undefined ? undefined : path.join(home, 'passphrase');
  if (passphraseFile !== undefined) await writeFile(passphraseFile, key.passphrase ?? '', {mode: 0o600});
  const own = {home, ...(passphraseFile === undefined ? {} : {passphraseFile})};
  const words = gpgWords(own);
  const imported = await toolOutcome('gpg', [...words, '--quiet', '--import', '--', key.file], {signal});
  if (imported.status !== 0) throw keyFault(key, printableLine(imported.stderr));
  const [fingerprint, ...others] = fingerprintsOf(
    await toolOutput('gpg', [...words, '--with-colons', '--list-secret-keys'], {signal}),
  );
  if (fingerprint === undefined || others.length > 0)
    throw keyFault(key, fingerprint === undefined ? 'it holds no secret key' : 'it holds several keys');
  const tried = await toolOutcome('gpg', [...words, '--local-user', fingerprint, '--detach-sign'], {
    signal,
    input: 'x',
  });
  if (tried.status !== 0) throw keyFault(key, printableLine(tried.stderr));
  const publicKey = await toolOutput('gpg', [...words, '--armor', '--export', fingerprint], {signal});
  return {...own, fingerprint, publicKey, signal};
};

/**
 * Opens a key for the time of `work`; its home and its agent are gone afterwards.
 * @throws Fault `signing-key`, `missing-tool`, and what `work` throws
 */
export const withSigner = async <T>(
  key: SigningKey,
  signal: AbortSignal,
  work: (signer: Signer) => Promise<T>,
): Promise<T> => {
  // Short, as the path of the agent's socket may have 107 characters.
  const home = await mkdtemp(path.join(tmpdir(), 'lr-'));
  try {
    return await work(await openKey(key, home, signal));
  } finally {
    await toolOutcome('gpgconf', ['--homedir', home, '--kill', 'all']).catch(() => undefined);
    await rm(home, {recursive: true, force: true});
  }
};

/** Writes a detached armoured signature of a file. @throws Fault `tool-failed` */
export const signDetached = async (signer: Signer, file: string, to: string): Promise<void> => {
  await sign(signer, ['--armor', '--detach-sign'], file, to);
};

/** Writes a text together with its signature, as apt's InRelease has it. @throws Fault `tool-failed` */
export const signClear = async (signer: Signer, file: string, to: string): Promise<void> => {
  await sign(signer, ['--clearsign'], file, to);
};

const sign = async (signer: Signer, how: readonly string[], file: string, to: string): Promise<void> => {
  await rm(to, {force: true});
  const {signal, fingerprint} = signer;
  const words = [...gpgWords(signer), '--digest-algo', 'SHA256', '--local-user', fingerprint, '--output', to, ...how];
  await toolOutput('gpg', [...words, '--', file], {signal});
};
