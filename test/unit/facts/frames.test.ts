import test from 'ava';
import fc from 'fast-check';
import {fileOf, numberOf, parseFrames, textOf} from '../../../engine/facts/frames.ts';

const frames = (body: string): ReturnType<typeof parseFrames> => parseFrames(`TK start\n${body}TK end\n`, 'TK');

test('files, links, lists, answers, and what is not there', (t) => {
  const found = frames(`TK file /etc/hostname
one
TK cat /etc/motd
two lines

TK none /etc/none
TK fail /etc/shadow
Permission denied
TK link /sys/class/net/eth0
/sys/devices/virtual/net/eth0
TK list /sys/class/net
eth0
lo
TK list /empty
TK run 3 ip link
no such
device
`);
  t.deepEqual(
    [...found.files],
    [
      ['/etc/hostname', 'one'],
      ['/etc/motd', 'two lines'],
    ],
  );
  t.deepEqual(fileOf(found, '/etc/none'), {unknown: 'no such file'});
  t.deepEqual(fileOf(found, '/etc/shadow'), {unknown: 'Permission denied'});
  t.deepEqual(fileOf(found, '/etc/other'), {unknown: 'not read'});
  t.is(found.links.get('/sys/class/net/eth0'), '/sys/devices/virtual/net/eth0');
  t.deepEqual(found.lists.get('/sys/class/net'), ['eth0', 'lo']);
  t.deepEqual(found.lists.get('/empty'), []);
  t.deepEqual(found.runs.get('ip link'), {status: 3, output: 'no such\ndevice'});
  t.true(found.complete);
});

test("grep's lines become files: several lines, PCI addresses in names, complaints, a file read twice", (t) => {
  const found = frames(`TK many /sys
devices/pci0000:3b/0000:3b:00.0/numa_node:1
devices/pci0000:3b/0000:3b:00.0/local_cpulist:0-3
block/vda/stat:a:b
block/vda/stat:second
grep: devices/none: No such file or directory
grep: kernel/secret: Permission denied
kernel/once:1
kernel/two:2
kernel/once:1
`);
  t.is(found.files.get('/sys/devices/pci0000:3b/0000:3b:00.0/numa_node'), '1');
  t.is(found.files.get('/sys/devices/pci0000:3b/0000:3b:00.0/local_cpulist'), '0-3');
  t.is(found.files.get('/sys/block/vda/stat'), 'a:b\nsecond');
  t.is(found.files.get('/sys/kernel/once'), '1');
  t.true(found.absent.has('/sys/devices/none'));
  t.is(found.refused.get('/sys/kernel/secret'), 'Permission denied');
});

test('lines that matched keep their places', (t) => {
  const found = frames(`TK some
./etc/passwd:2:root:x:0:0
./etc/passwd:4:nobody:x
grep: ./etc/shadow: Permission denied
`);
  t.is(found.files.get('/etc/passwd'), '\nroot:x:0:0\n\nnobody:x');
  t.is(found.refused.get('/etc/shadow'), 'Permission denied');
});

test('a read that failed half-way counts as refused', (t) => {
  const found = frames('TK cat /proc/x\nhalf\n\nTK fail /proc/x\nInput/output error\n');
  t.deepEqual(fileOf(found, '/proc/x'), {unknown: 'Input/output error'});
  t.is(textOf(found, '/proc/x'), undefined);
});

test('numbers are whole numbers only', (t) => {
  const found = frames('TK many /n\na:-1\nb:12 \nc:0x10\nd:\n');
  t.deepEqual(
    ['a', 'b', 'c', 'd', 'e'].map((name) => numberOf(found, `/n/${name}`)),
    [-1, 12, undefined, undefined, undefined],
  );
});

test('what comes before the first frame is kept apart, and a stream without frames is all preamble', (t) => {
  const found = parseFrames('Welcome\nTK start\nTK file /a\n1\nTK end\n', 'TK');
  t.is(found.preamble, 'Welcome\n');
  const none = parseFrames('sh: syntax error\n', 'TK');
  t.deepEqual([none.preamble, none.complete, none.files.size], ['sh: syntax error\n', false, 0]);
});

test('wherever a stream is cut, it is not complete, and no file has text that it did not have', (t) => {
  const whole = 'hello\nTK start\nTK file /a\nfirst\nsecond\nTK many /sys\nx:1\ny:2\nTK run 0 id\nuid=0\nTK end\n';
  const all = parseFrames(whole, 'TK');
  t.true(all.complete);
  fc.assert(
    fc.property(fc.integer({min: 0, max: whole.length - 2}), (length) => {
      const cut = parseFrames(whole.slice(0, length), 'TK');
      t.false(cut.complete);
      for (const [path, text] of cut.files) t.is(text, all.files.get(path) ?? 'not there');
    }),
  );
});
