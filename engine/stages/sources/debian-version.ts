type Parts = {epoch: number; upstream: string; revision: string};

const partsOf = (version: string): Parts => {
  const [, epoch = '0', rest = ''] = /^(?:(\d+):)?(.*)$/s.exec(version) ?? [];
  const dash = rest.lastIndexOf('-');
  return dash === -1
    ? {epoch: Number(epoch), upstream: rest, revision: ''}
    : {epoch: Number(epoch), upstream: rest.slice(0, dash), revision: rest.slice(dash + 1)};
};

/** `~` before the end, the end before letters, letters before all else. */
const weight = (character: string | undefined): number => {
  if (character === '~') return -1;
  if (character === undefined) return 0;
  const code = character.charCodeAt(0);
  return /[a-z]/i.test(character) ? code : code + 256;
};

const compareText = (a: string, b: string): number => {
  for (let place = 0; place < Math.max(a.length, b.length); place += 1) {
    const order = weight(a[place]) - weight(b[place]);
    if (order !== 0) return order;
  }
  return 0;
};

const compareNumber = (a: string, b: string): number => {
  const [left, right] = [a.replace(/^0+/, ''), b.replace(/^0+/, '')];
  return left.length - right.length || (left < right ? -1 : left > right ? 1 : 0);
};

/** Text, digits, text, digits: always in this order, either of them empty where it is not there. */
const pairs = (text: string): readonly (readonly [string, string])[] =>
  [...text.matchAll(/(\D*)(\d*)/g)].map(([, letters = '', digits = '']) => [letters, digits] as const);

const comparePart = (a: string, b: string): number => {
  const [left, right] = [pairs(a), pairs(b)];
  for (let place = 0; place < Math.max(left.length, right.length); place += 1) {
    const [[textA, numberA], [textB, numberB]] = [left[place] ?? ['', ''], right[place] ?? ['', '']];
    const order = compareText(textA, textB) || compareNumber(numberA, numberB);
    if (order !== 0) return order;
  }
  return 0;
};

/** dpkg's order of versions: negative, zero or positive. Source: Debian Policy 5.6.12, deb-version(7). */
export const compareDebianVersions = (a: string, b: string): number => {
  const [left, right] = [partsOf(a), partsOf(b)];
  return (
    left.epoch - right.epoch || comparePart(left.upstream, right.upstream) || comparePart(left.revision, right.revision)
  );
};
