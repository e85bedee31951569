import type {Sha1} from './evidence.ts';

/** Of names that are URLs (RFC 9562, 6.6). */
const URLS = '6ba7b811-9dad-11d1-80b4-00c04fd430c8';

const bytesOf = (uuid: string): Uint8Array =>
  Uint8Array.from(uuid.replaceAll('-', '').match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));

/** A version 5 UUID of a name: the same for the same name, whenever and wherever it is made (RFC 9562, 5.5). */
export const uuid5 = (name: string, sha1: Sha1): string => {
  const text = new TextEncoder().encode(name);
  const space = bytesOf(URLS);
  const whole = new Uint8Array(space.length + text.length);
  whole.set(space);
  whole.set(text, space.length);
  const digits = sha1(whole).slice(0, 32);
  const variant = ((Number.parseInt(digits.slice(16, 18), 16) & 0x3f) | 0x80).toString(16);
  const fixed = `${digits.slice(0, 12)}5${digits.slice(13, 16)}${variant}${digits.slice(18)}`;
  return fixed.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
};
