import {createHash} from 'node:crypto';
import test from 'ava';
import fc from 'fast-check';
import {file, folder, link} from '../../../engine/plan/recipe/wish/file.ts';
import type {Wish} from '../../../engine/plan/recipe/recipe.ts';
import {shellQuote} from '../../../engine/model/shell.ts';
import {sameFile} from '../../../engine/resources/file-value.ts';
import {carriedOut, heldIn, unmet} from '../../support/kinds.ts';
import {SHELLS} from '../../support/sandbox.ts';

const WHY = {why: 'a test'};

/** Shell text that makes a file of these bytes. */
const bytes = (path: string, content: Buffer, mode = '644', owner = 'root:root'): string =>
  `mkdir -p ${path.slice(0, path.lastIndexOf('/'))}
printf '%s' ${content.toString('base64')} | base64 -d >${path} && chown ${owner} ${path} && chmod ${mode} ${path}`;

const odd = fc.constantFrom(
  '',
  '\n',
  '\n\n',
  '%s',
  '\\',
  '\\n',
  "'",
  '"',
  '$(x)',
  '`',
  '\t',
  '\r',
  '\u0001',
  '\ufeff',
  'ä',
  '🙂',
  '@token end\n',
);
const text = fc
  .array(fc.oneof(odd, fc.string({unit: 'binary', maxLength: 12})), {maxLength: 6})
  .map((parts) => parts.join('').replaceAll('\0', ''));
const mode = fc.constantFrom(0o600, 0o644, 0o755, 0o4755, 0o400);
const owner = fc.constantFrom('root:root', 'daemon:daemon', 'root:adm');
const earlier = fc.oneof(
  fc.record({is: fc.constant('absent' as const)}),
  fc.record({
    is: fc.constant('file' as const),
    content: fc.uint8Array({maxLength: 40}).map((array) => Buffer.from(array)),
    mode,
  }),
  fc.record({is: fc.constant('file' as const), content: text.map((one) => Buffer.from(one)), mode}),
  fc.record({is: fc.constant('link' as const), target: fc.constantFrom('/etc/lr/nowhere', '/etc', '../etc/passwd')}),
);
const wanted = fc.oneof(
  fc.record({text, mode, owner}),
  fc.record({absent: fc.constant(true as const)}),
  fc.record({target: fc.constantFrom('/etc', '/nowhere', 'a b')}),
);

type Sampled<A> = A extends fc.Arbitrary<infer T> ? T : never;

const prepared = (path: string, before: Sampled<typeof earlier>): string => {
  if (before.is === 'absent') return ':';
  if (before.is === 'link') return `mkdir -p /etc/lr && ln -s ${shellQuote(before.target)} ${path}`;
  return bytes(path, before.content, before.mode.toString(8));
};

const wish = (path: string, want: Sampled<typeof wanted>): Wish =>
  'target' in want ? link(path, {...want, ...WHY}) : file(path, {...want, ...WHY});

test('whatever a file was and shall be: so it is after the run, and as before once that is undone', (t) => {
  let turn = 0;
  fc.assert(
    fc.property(fc.array(fc.tuple(earlier, wanted), {minLength: 6, maxLength: 6}), (pairs) => {
      turn += 1;
      const shell = SHELLS[turn % SHELLS.length];
      const paths = pairs.map((_, place) => `/etc/lr/file-${String(place)}`);
      const wishes = pairs.map(([, want], place) => wish(paths[place] ?? '', want));
      const prepare = pairs.map(([before], place) => prepared(paths[place] ?? '', before)).join('\n');
      const {before, after, back, log} = carriedOut(wishes, {prepare, shell: shell ?? ''});
      t.deepEqual(unmet(after, wishes), []);
      t.deepEqual(back.asked, before.asked, log);
    }),
    {numRuns: 8},
  );
});

test('a file is read to the last byte, with its mode and owner', (t) => {
  const content = 'no newline at its end: %s \\n \u{1F600}';
  const {before} = carriedOut([file('/etc/lr/a', {text: 'x', ...WHY})], {
    prepare: bytes('/etc/lr/a', Buffer.from(content), '4750', 'daemon:adm'),
  });
  t.deepEqual(heldIn(before, 'file /etc/lr/a'), {value: `4750 daemon:adm\n${content}`});
});

test('what is no text, or long, is known by its digest', (t) => {
  const digest = (content: Buffer): string => createHash('sha256').update(content).digest('hex');
  const binary = Buffer.from([0, 255, 10, 10]);
  const long = Buffer.alloc(300_000, 'a');
  const {before} = carriedOut(
    ['/etc/lr/binary', '/etc/lr/long', '/etc/lr/nobody'].map((path) => file(path, {text: 'x', ...WHY})),
    {
      prepare: `${bytes('/etc/lr/binary', binary)}
yes a | tr -d '\\n' | head -c 300000 >/etc/lr/long; chmod 640 /etc/lr/long
touch /etc/lr/nobody; chown 4711:4712 /etc/lr/nobody; chmod 0 /etc/lr/nobody`,
    },
  );
  t.deepEqual(heldIn(before, 'file /etc/lr/binary'), {value: `0644 root:root sha256:${digest(binary)}`});
  t.deepEqual(heldIn(before, 'file /etc/lr/long'), {value: `0640 root:root sha256:${digest(long)}`});
  t.deepEqual(heldIn(before, 'file /etc/lr/nobody'), {value: '0000 4711:4712\n'});
  t.true(sameFile(`0644 root:root sha256:${digest(long)}`, `0644 root:root\n${long.toString()}`));
});

test('an upload is copied to its place, over a program that is a link, and goes again', (t) => {
  const sha256 = createHash('sha256').update('a program\n').digest('hex');
  const wishes = [
    file('/srv/bin/program', {from: {path: '/home/me/program', sha256}, mode: 0o755, owner: 'daemon:daemon', ...WHY}),
  ];
  t.deepEqual(wishes[0]?.uploads, [{from: '/home/me/program', to: `/var/cache/linerate/${sha256}/program`}]);
  const {before, after, back} = carriedOut(wishes, {
    prepare: `mkdir -p /srv/bin /var/cache/linerate/${sha256}; echo 'a program' >/var/cache/linerate/${sha256}/program
ln -s /etc /srv/bin/program`,
  });
  t.deepEqual(heldIn(before, 'file /srv/bin/program'), {value: 'link /etc'});
  t.deepEqual(heldIn(after, 'file /srv/bin/program'), {value: '0755 daemon:daemon\na program\n'});
  t.deepEqual(back.asked, before.asked);
});

test('folders are made with those above them, and only those go again that the run made and nobody uses', (t) => {
  const wishes = [
    folder('/srv/one/two/three', {mode: 0o750, owner: 'daemon:adm', ...WHY}),
    folder('/srv/one/two/four', WHY),
    folder('/srv/there', {mode: 0o700, ...WHY}),
    file('/srv/one/two/three/file', {text: '', ...WHY}),
    folder('/srv/gone', WHY),
    file('/srv/emptied', {absent: true, ...WHY}),
  ];
  const looked = carriedOut(wishes, {
    prepare: 'mkdir /srv/one /srv/there /srv/emptied; chown daemon /srv/there /srv/emptied; chmod 1777 /srv/emptied',
  });
  t.deepEqual(unmet(looked.after, wishes), []);
  t.deepEqual(heldIn(looked.after, 'file /srv/one/two/three'), {value: 'folder 0750 daemon:adm'});
  t.deepEqual(looked.back.asked, looked.before.asked, looked.log);
});

test('nothing is taken away to make room for something of another nature', (t) => {
  const refusal = (wishes: readonly Wish[], prepare: string): string =>
    t.throws(() => carriedOut(wishes, {prepare}))?.message ?? '';
  t.regex(
    refusal([file('/srv/a', {text: '', ...WHY})], 'mkdir /srv/a'),
    /a folder, which is not taken away for a file/,
  );
  t.regex(refusal([folder('/srv/a', WHY)], 'touch /srv/a'), /is no folder, and what is there is not taken away/);
  t.regex(refusal([file('/srv/a', {text: '', ...WHY})], 'mkfifo /srv/a'), /a device, a socket or a pipe/);
});

test('who may not look says so, and does not call it absent', (t) => {
  const wishes = [
    file('/srv/secret/a', {text: '', ...WHY}),
    file('/srv/b', {text: '', ...WHY}),
    file('/srv/c', {text: '', ...WHY}),
  ];
  const prepare = 'mkdir -m 700 /srv/secret; touch /srv/secret/a; echo x >/srv/b; chmod 600 /srv/b';
  const message =
    t.throws(() => carriedOut(wishes, {prepare, shell: 'setpriv --reuid 65534 --clear-groups sh'}))?.message ?? '';
  t.regex(message, /"file \/srv\/secret\/a","reason":"it cannot be read: Permission denied"/);
  t.regex(message, /"file \/srv\/b","reason":"it cannot be read: Permission denied"/);
  t.notRegex(message, /"file \/srv\/c"/);
});
