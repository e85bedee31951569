import test from 'ava';
import {Faults} from '../../../../engine/model/fault.ts';
import {checkSeries, parseSeries} from '../../../../engine/stages/kernel/series.ts';

const told = (action: () => unknown): readonly string[] => {
  try {
    action();
  } catch (error) {
    if (error instanceof Faults) return error.errors.map(({at, message}) => `${at ?? ''} ${message}`);
    throw error;
  }
  return [];
};

test('a series is read as quilt reads it: comments, blank lines, how much of a path is stripped', (t) => {
  t.deepEqual(parseSeries('# first\n\na.patch\n deep/b.patch -p0  # level\nc#1.patch\t-p2\n', 'series'), [
    {patch: 'a.patch', strip: 1, line: 3},
    {patch: 'deep/b.patch', strip: 0, line: 4},
    {patch: 'c#1.patch', strip: 2, line: 5},
  ]);
});

test('what a line of a series cannot say is told for every line', (t) => {
  t.deepEqual(
    told(() => parseSeries('a.patch -R\nb.patch\nc.patch -p1 -p2\n', 'kernels/x/patches/series')),
    [
      'kernels/x/patches/series:1 a.patch has an option that is not known: -R',
      'kernels/x/patches/series:3 c.patch has an option that is not known: -p1 -p2',
    ],
  );
});

test('a series names what is there, and all of it', (t) => {
  const series = 'a.patch\ngone.patch\n';
  t.deepEqual(
    told(() => {
      checkSeries('kernels/x', {'patches/series': series, 'patches/a.patch': '', 'patches/left.patch': ''});
    }),
    [
      'kernels/x/patches/series:2 the patch gone.patch is not there',
      'kernels/x/patches/series the series does not name patches/left.patch',
    ],
  );
  t.deepEqual(
    told(() => {
      checkSeries('kernels/x', {});
    }),
    ['kernels/x/patches/series kernels/x has no patches/series'],
  );
});
