import {createDecipheriv, createHmac, pbkdf2Sync, timingSafeEqual} from 'node:crypto';
import {inventoryFault} from '../../inventory/complaints.ts';
import type {Secret} from '../../model/secret.ts';

/** One vault password and the id it was given under: `default` for `--vault-password-file`. */
export type VaultPassword = {id: string; password: Secret};

const HEADER = '$ANSIBLE_VAULT';

/** Whether a text is a vault, of any version. */
export const isVaulted = (text: string): boolean => text.startsWith(HEADER);

type Envelope = {salt: Buffer; digest: Buffer; ciphertext: Buffer; id: string | undefined};

const HEX = /^(?:[\da-f]{2})+$/i;

const unhex = (text: string): Buffer | undefined => (HEX.test(text) ? Buffer.from(text, 'hex') : undefined);

/** The parts of a vault, or what is wrong with it. */
const open = (text: string): Envelope | string => {
  const [header = '', ...body] = text.trim().split(/\s*\r?\n\s*/);
  const [, version = '', cipher = '', id] = header.split(';').map((part) => part.trim());
  if (version !== '1.1' && version !== '1.2')
    return `is a vault of the unknown version ${version === '' ? '(none)' : version}`;
  if (cipher !== 'AES256') return `is a vault of the unknown cipher ${cipher === '' ? '(none)' : cipher}`;
  const parts = unhex(body.join(''))?.toString('latin1').split('\n').map(unhex) ?? [];
  const [salt, digest, ciphertext] = parts;
  if (parts.length !== 3 || salt === undefined || digest === undefined || ciphertext === undefined) {
    return 'is a vault whose text is cut off or damaged';
  }
  return {salt, digest, ciphertext, id};
};

/** AES-256-CTR with PKCS#7 padding under a key of 10,000 rounds of PBKDF2, checked by HMAC-SHA256 first. */
const unlock = ({salt, digest, ciphertext}: Envelope, password: Secret): string | undefined => {
  const keys = pbkdf2Sync(password.reveal(), salt, 10_000, 80, 'sha256');
  const actual = createHmac('sha256', keys.subarray(32, 64)).update(ciphertext).digest();
  if (actual.length !== digest.length || !timingSafeEqual(actual, digest)) return undefined;
  const cipher = createDecipheriv('aes-256-ctr', keys.subarray(0, 32), keys.subarray(64, 80));
  const padded = Buffer.concat([cipher.update(ciphertext), cipher.final()]);
  return padded.subarray(0, padded.length - (padded.at(-1) ?? 0)).toString('utf8');
};

const byId =
  (id: string | undefined) =>
  (a: VaultPassword, b: VaultPassword): number =>
    Number(b.id === id) - Number(a.id === id);

const PASSWORD_HINT = 'give it with --vault-password-file';

/**
 * Decrypts a vault of format 1.1 or 1.2; the password of the vault's own id is tried first, then the others. `about`
 * begins the message of the `Fault` that it throws when none fits: `the variable x of host y`, `the file`.
 */
export const decryptVault = (
  text: string,
  passwords: readonly VaultPassword[],
  about: string,
  at: string | undefined,
): string => {
  const envelope = open(text);
  if (typeof envelope === 'string') throw inventoryFault('inventory-vault', `${about} ${envelope}`, at);
  if (passwords.length === 0) {
    throw inventoryFault('inventory-vault', `${about} is encrypted, and there is no vault password`, at, PASSWORD_HINT);
  }
  for (const {password} of passwords.toSorted(byId(envelope.id))) {
    const plain = unlock(envelope, password);
    if (plain !== undefined) return plain;
  }
  const which = passwords.length === 1 ? 'the vault password does not fit' : 'none of the vault passwords fits';
  throw inventoryFault('inventory-vault', `${about} is encrypted, and ${which}`, at);
};
