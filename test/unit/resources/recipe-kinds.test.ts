import test from 'ava';
import fc from 'fast-check';
import type {Facts} from '../../../engine/facts/facts.ts';
import type {Wish} from '../../../engine/plan/recipe/recipe.ts';
import {parseAddress, valueProblem} from '../../../engine/plan/inventory-address.ts';
import {command} from '../../../engine/plan/recipe/wish/command.ts';
import {file, folder, link} from '../../../engine/plan/recipe/wish/file.ts';
import {group} from '../../../engine/plan/recipe/wish/group.ts';
import {mounted} from '../../../engine/plan/recipe/wish/mount.ts';
import {running, stopped} from '../../../engine/plan/recipe/wish/service.ts';
import {user} from '../../../engine/plan/recipe/wish/user.ts';
import {fileText, parseFileText, shownFile} from '../../../engine/resources/file-value.ts';
import {kindOf} from '../../../engine/resources/kinds.ts';
import {splitId} from '../../../engine/resources/lookup.ts';
import {exampleFacts} from '../../support/facts.ts';

const WHY = {why: 'a test'};
const SHA = 'a'.repeat(64);

/** Why linerate would not take a wish; undefined where it does. */
const problem = ({set, to = ''}: Wish): string | undefined => {
  const address = parseAddress(set);
  return address ? valueProblem(address, to) : 'is no address';
};

const same = (id: string, held: string, want: string): boolean | undefined => {
  const {kind, rest} = splitId(id);
  return kindOf(kind)?.same(exampleFacts(), rest, held, want);
};

const fixed = (id: string, said: string, want: string): string | undefined => {
  const {kind, rest} = splitId(id);
  return kindOf(kind)?.fixed?.(exampleFacts({asked: {[id]: said}}), rest, want);
};

test('what the functions for recipes make is an address and a value of it', (t) => {
  const wishes = [
    file('/etc/a.conf', {text: '', ...WHY}),
    file('/etc/a.conf', {absent: true, ...WHY}),
    file('/usr/local/bin/a', {from: {path: './a', sha256: SHA}, mode: 0o755, owner: 'app:app', ...WHY}),
    link('/etc/a', {target: '../b c', ...WHY}),
    folder('/var/lib/a', {owner: 'app:app', ...WHY}),
    user('app', WHY),
    user('app', {
      system: false,
      uid: 1200,
      group: 'app',
      home: '/srv/app',
      shell: '/bin/sh',
      groups: ['b', 'a'],
      ...WHY,
    }),
    user('app', {absent: true, ...WHY}),
    group('app', {gid: 1200, system: false, ...WHY}),
    group('app', {absent: true, ...WHY}),
    command('a.b-1', {run: ['true'], creates: '/etc/a', ...WHY}),
    running('a@1.socket', WHY),
    stopped('a', WHY),
    mounted('/mnt/huge', 'hugetlbfs', {options: 'pagesize=1G,size=4G', ...WHY}),
    mounted('/mnt/data', 'ext4', {device: '/dev/vdb1', ...WHY}),
  ];
  t.deepEqual(
    wishes.map((wish) => problem(wish)).filter((one) => one !== undefined),
    [],
  );
});

test('what cannot be is refused before any host is asked', (t) => {
  const text = {text: 'x', ...WHY};
  const wrong: readonly (readonly [Wish, RegExp])[] = [
    [file('etc/a', text), /no address/],
    [file('/etc/../a', text), /no address/],
    [file('/etc/a/', text), /no address/],
    [file('/etc/a\tb', text), /no address/],
    [file('/', text), /no address/],
    [file('/proc/sys/net/core/somaxconn', text), /below \/proc/],
    [file('/etc/linerate/hold.conf', text), /linerate’s own/],
    [file('/var/lib/linerate/runs/x', text), /linerate’s own/],
    [file('/etc/a', {text: 'a\0', ...WHY}), /is no text/],
    [file('/etc/a', {text: '\ud800', ...WHY}), /is no text/],
    [file('/etc/a', {text: 'x'.repeat(262_145), ...WHY}), /longer than 256 KiB/],
    [file('/etc/a', {...text, owner: '0:0'}), /by a number/],
    [file('/etc/a', {...text, owner: 'root'}), /no state of a file/],
    [link('/etc/a', {target: '', ...WHY}), /no state of a file/],
    [user('a:b', WHY), /no address/],
    [user('app', {home: 'relative', ...WHY}), /"home=relative"/],
    [command('a', {run: ['x'], ...WHY}), /needs one of/],
    [command('a', {run: ['x'], creates: '/a', unless: ['y'], ...WHY}), /needs one of/],
    [running('a b', WHY), /no address/],
    [mounted('/mnt', 'ext4', WHY), /no file system/],
  ];
  for (const [wish, message] of wrong) t.regex(problem(wish) ?? '', message, wish.set);
});

test('a file’s value says what it is told, whatever the text', (t) => {
  fc.assert(
    fc.property(fc.string({unit: 'binary'}), fc.integer({min: 0, max: 0o7777}), (text, mode) => {
      const state = {is: 'text', text, mode, owner: 'root:app-1.x'} as const;
      t.deepEqual(parseFileText(fileText(state)), state);
      t.false(shownFile(fileText(state)).includes('\n'));
    }),
  );
});

test('a file is shown in a few words that tell two texts apart', (t) => {
  t.is(shownFile('0644 root:root\n'), 'empty (e3b0c442), 0644 root:root');
  t.is(shownFile('0644 root:root\na'), '1 line (ca978112), 0644 root:root');
  t.regex(shownFile('0644 root:root\na\nb\n'), /^2 lines \([0-9a-f]{8}\), 0644 root:root$/);
  t.not(shownFile('0644 root:root\na\n'), shownFile('0644 root:root\nb\n'));
  t.is(shownFile(`0755 root:root sha256:${SHA}`), 'bytes (aaaaaaaa), 0755 root:root');
  t.is(shownFile('folder 0755 root:root'), 'folder, 0755 root:root');
});

test('accounts are the same where all that a value names is so', (t) => {
  const held = 'system uid=998 group=app home=/ shell=/bin/sh groups=a,b';
  t.true(same('user app', held, 'system'));
  t.true(same('user app', held, 'present groups=b,a shell=/bin/sh'));
  t.false(same('user app', held, 'system groups=a'));
  t.false(same('user app', held, 'system group=users'));
  t.false(same('user app', held, 'absent'));
  t.false(same('user app', 'absent', 'system'));
  t.true(same('group app', 'system gid=998', 'present'));
  t.false(same('group app', 'gid=1001', 'gid=1002'));
});

test('accounts of a directory service are nobody’s to change here', (t) => {
  t.regex(fixed('user app', 'elsewhere', 'system shell=/bin/sh') ?? '', /a directory service/);
  t.regex(fixed('group app', 'elsewhere', 'absent') ?? '', /a directory service/);
  t.is(fixed('user app', 'app:x:1:1::/:/bin/sh', 'absent'), undefined);
});

test('mounts are the same in the kernel’s words and in mount’s', (t) => {
  const huge = 'hugetlbfs rw,relatime,gid=0,mode=700,pagesize=1024M,size=4294967296';
  t.true(same('mount /mnt', huge, 'hugetlbfs pagesize=1G,size=4G'));
  t.true(same('mount /mnt', huge, 'hugetlbfs'));
  t.true(same('mount /mnt', huge, 'hugetlbfs mode=0700,rw'));
  t.false(same('mount /mnt', huge, 'hugetlbfs pagesize=2M'));
  t.false(same('mount /mnt', huge, 'tmpfs'));
  t.false(same('mount /mnt', 'ext4 ro,relatime /dev/vdb1', 'ext4 rw /dev/vdb1'));
  t.true(same('mount /mnt', 'ext4 rw,noatime /dev/vdb1', 'ext4 noatime,nofail,x-systemd.automount /dev/vdb1'));
  t.false(same('mount /mnt', 'ext4 rw,noatime /dev/vdb1', 'ext4 noatime /dev/vdb2'));
  t.is(kindOf('mount')?.shown?.(huge), 'hugetlbfs gid=0,mode=700,pagesize=1024M,size=4294967296');
});

test('a mount lasts by a unit with its options and device, and is known by it', (t) => {
  t.deepEqual(kindOf('mount')?.lasting?.(exampleFacts(), '/mnt', 'hugetlbfs pagesize=1G'), {
    to: 'mount',
    path: '/mnt',
    type: 'hugetlbfs',
    options: 'pagesize=1G',
    device: 'hugetlbfs',
  });
  const path = '/etc/systemd/system/mnt.mount';
  const mounts = [{path, what: '/dev/vdb1', where: '/mnt', type: 'ext4', options: 'noatime'}];
  const services = {services: [], files: [], own: {texts: {}, enabled: ['mnt.mount'], mounts}};
  t.deepEqual(kindOf('mount')?.boot(exampleFacts({services}), '/mnt'), {
    held: {value: 'ext4 noatime /dev/vdb1'},
    by: path,
  });
});

const unit = (active: string, file: string, load = 'loaded'): string =>
  `LoadState=${load}\nActiveState=${active}\nUnitFileState=${file}`;

const service = (said: string, facts: Partial<Facts> = {}): readonly unknown[] => {
  const all = exampleFacts({...facts, asked: {'service x': said}});
  return [kindOf('service')?.live(all, 'x'), kindOf('service')?.boot(all, 'x').held];
};

test('how a unit is, in systemd’s words', (t) => {
  t.deepEqual(service(unit('active', 'enabled')), [{value: 'running'}, {value: 'running'}]);
  t.deepEqual(service(unit('reloading', 'alias')), [{value: 'running'}, {value: 'running'}]);
  t.deepEqual(service(unit('failed', 'disabled')), [{value: 'stopped'}, {value: 'stopped'}]);
  t.deepEqual(service(unit('activating', 'enabled-runtime')), [{value: 'starting'}, {value: 'stopped'}]);
  t.deepEqual(service(unit('inactive', 'static')), [{value: 'stopped'}, 'unsupported']);
  t.deepEqual(service(unit('inactive', '', 'not-found')), [{value: 'stopped'}, {value: 'stopped'}]);
  t.deepEqual(service('Failed to connect to bus'), [{unreadable: 'Failed to connect to bus'}, 'unsupported']);
});

test('how a service is where systemd does not run, as its own script says', (t) => {
  const {os} = exampleFacts();
  const other = {os: {...os, init: 'other'}} as const;
  t.deepEqual(service('status 0', other), [{value: 'running'}, 'default']);
  t.deepEqual(service('status 3', other), [{value: 'stopped'}, 'default']);
});

test('a unit is enabled by its whole name', (t) => {
  const name = (rest: string) => kindOf('service')?.lasting?.(exampleFacts(), rest, 'running');
  t.deepEqual(name('x@1'), {to: 'service', name: 'x@1.service', enabled: true});
  t.deepEqual(name('x.timer'), {to: 'service', name: 'x.timer', enabled: true});
  t.deepEqual(name('a.b'), {to: 'service', name: 'a.b.service', enabled: true});
});
