const padded = (text: string): string => text.replaceAll(/\d+/g, (digits) => digits.padStart(12, '0'));

/** Order of names that end in numbers: `eth2` before `eth10`, `sheet:9` before `sheet:12`. */
export const naturalOrder = (a: string, b: string): number => {
  const [left, right] = [padded(a), padded(b)];
  return left < right ? -1 : left > right ? 1 : a < b ? -1 : a > b ? 1 : 0;
};
