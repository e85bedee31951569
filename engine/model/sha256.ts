/** The fractional parts of the square (cube) roots of the first primes, as FIPS 180-4 §5.3.3 and §4.2.2 define the constants. */
const primes = (count: number): readonly number[] => {
  const found: number[] = [];
  for (let candidate = 2; found.length < count; candidate += 1)
    if (found.every((prime) => candidate % prime !== 0)) found.push(candidate);
  return found;
};

const fraction = (root: number): number => Math.floor((root - Math.floor(root)) * 2 ** 32);

const START = Uint32Array.from(primes(8), (prime) => fraction(Math.sqrt(prime)));
const ROUNDS = Uint32Array.from(primes(64), (prime) => fraction(Math.cbrt(prime)));

const rotated = (word: number, bits: number): number => (word >>> bits) | (word << (32 - bits));

/** The message with its one bit and its length in bits, in whole blocks of 64 bytes. */
const padded = (bytes: Uint8Array): DataView => {
  const whole = new Uint8Array(Math.ceil((bytes.length + 9) / 64) * 64);
  whole.set(bytes);
  whole[bytes.length] = 0x80;
  const view = new DataView(whole.buffer);
  view.setUint32(whole.length - 8, Math.floor(bytes.length / 2 ** 29));
  view.setUint32(whole.length - 4, bytes.length * 8);
  return view;
};

const at = (words: Uint32Array, place: number): number => words[place] ?? 0;

const schedule = (words: Uint32Array, block: DataView, from: number): void => {
  for (let place = 0; place < 16; place += 1) words[place] = block.getUint32(from + place * 4);
  for (let place = 16; place < 64; place += 1) {
    const [early, late] = [at(words, place - 15), at(words, place - 2)];
    const small = rotated(early, 7) ^ rotated(early, 18) ^ (early >>> 3);
    const great = rotated(late, 17) ^ rotated(late, 19) ^ (late >>> 10);
    words[place] = at(words, place - 16) + small + at(words, place - 7) + great;
  }
};

const compress = (hash: Uint32Array, words: Uint32Array): void => {
  let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = hash;
  for (let round = 0; round < 64; round += 1) {
    const great = rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25);
    const first = h + great + ((e & f) ^ (~e & g)) + at(ROUNDS, round) + at(words, round);
    const small = rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22);
    const second = small + ((a & b) ^ (a & c) ^ (b & c));
    [h, g, f, e, d, c, b, a] = [g, f, e, (d + first) | 0, c, b, a, (first + second) | 0];
  }
  for (const [place, word] of [a, b, c, d, e, f, g, h].entries()) hash[place] = at(hash, place) + word;
};

/**
 * SHA-256 in hexadecimal (FIPS 180-4), for the pure layers, which have no library for it. For a few hundred kilobytes at
 * most.
 */
export const sha256 = (bytes: Uint8Array): string => {
  const block = padded(bytes);
  const hash = START.slice();
  const words = new Uint32Array(64);
  for (let from = 0; from < block.byteLength; from += 64) {
    schedule(words, block, from);
    compress(hash, words);
  }
  return Array.from(hash, (word) => word.toString(16).padStart(8, '0')).join('');
};
