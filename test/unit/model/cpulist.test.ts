import test from 'ava';
import fc from 'fast-check';
import {formatCpuList, intersect, parseCpuList, union, without, type Cpus} from '../../../engine/model/cpulist.ts';

const cpuSets = fc.uniqueArray(fc.nat({max: 700}), {maxLength: 200}).map((cpus): Cpus => cpus.sort((a, b) => a - b));

test("reads the kernel's list format", (t) => {
  t.deepEqual(parseCpuList('0-3,8\n'), [0, 1, 2, 3, 8]);
  t.deepEqual(parseCpuList(''), []);
  t.deepEqual(parseCpuList('0-15:2/4'), [0, 1, 4, 5, 8, 9, 12, 13]);
  t.deepEqual(parseCpuList('3,1,2-2'), [1, 2, 3]);
});

for (const bad of ['a', '1-', '3-1', '1,,2', '0-7:3/2', '0-7:1/0', '-1', '0x3', '0-99999999'])
  test(`"${bad}" is not a list`, (t) => {
    t.is(parseCpuList(bad), undefined);
  });

test('what is printed reads back as the same set', (t) => {
  t.notThrows(() => {
    fc.assert(
      fc.property(cpuSets, (cpus) => JSON.stringify(parseCpuList(formatCpuList(cpus))) === JSON.stringify(cpus)),
    );
  });
});

test('prints runs as ranges', (t) => {
  t.is(formatCpuList([0, 1, 2, 8]), '0-2,8');
  t.is(formatCpuList([]), '');
});

test('set arithmetic: parts of a set are disjoint and make it whole', (t) => {
  t.notThrows(() => {
    fc.assert(
      fc.property(cpuSets, cpuSets, (a, b) => {
        const [common, rest] = [intersect(a, b), without(a, b)];
        return union(common, rest).join() === a.join() && intersect(common, rest).length === 0;
      }),
    );
  });
});
