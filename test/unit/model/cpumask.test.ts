import test from 'ava';
import fc from 'fast-check';
import {formatCpuMask, parseCpuMask} from '../../../engine/model/cpumask.ts';

test("prints exactly the kernel's own number of groups", (t) => {
  t.is(formatCpuMask([0, 1], 2), '3');
  t.is(formatCpuMask([], 2), '0');
  t.is(formatCpuMask([31], 32), '80000000');
  t.is(formatCpuMask([0], 33), '0,00000001');
  t.is(formatCpuMask([40], 64), '00000100,00000000');
  t.is(formatCpuMask([0], 512).split(',').length, 16);
});

test('reads masks of any width', (t) => {
  t.deepEqual(parseCpuMask('00000100,00000001\n'), [0, 40]);
  t.deepEqual(parseCpuMask('f'), [0, 1, 2, 3]);
  t.deepEqual(parseCpuMask('0'), []);
  t.is(parseCpuMask('0x3'), undefined);
  t.is(parseCpuMask(''), undefined);
});

test('what is printed reads back as the same set, in groups of at most eight digits', (t) => {
  t.notThrows(() => {
    fc.assert(
      fc.property(
        fc
          .integer({min: 1, max: 1024})
          .chain((possible) => fc.tuple(fc.constant(possible), fc.uniqueArray(fc.nat({max: possible - 1})))),
        ([possible, cpus]) => {
          const text = formatCpuMask(cpus, possible);
          const groups = text.split(',');
          return (
            groups.length === Math.ceil(possible / 32) &&
            groups.every((group) => group.length <= 8) &&
            parseCpuMask(text)?.join() === [...cpus].sort((a, b) => a - b).join()
          );
        },
      ),
    );
  });
});
