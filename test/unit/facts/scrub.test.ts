import test from 'ava';
import fc from 'fast-check';
import {joinFrames, splitFrames} from '../../../engine/facts/frame-text.ts';
import {parseFrames} from '../../../engine/facts/frames.ts';
import {readRecordingText, recordingOf, replayed} from '../../../engine/facts/recording-text.ts';
import {scrub} from '../../../engine/facts/scrub.ts';

const frames = (...parts: readonly (readonly [head: string, body: string])[]): string =>
  [...parts, ['end', ''] as const].map(([head, body]) => `T ${head}\n${body === '' ? '' : `${body}\n`}`).join('');

const bodyAfter = (text: string, head: string): string => {
  const found = splitFrames(scrub(text, 'T'), 'T').find((frame) => frame.head === head);
  return found?.body ?? 'no such frame';
};

test('cutting and joining are inverse', (t) => {
  const line = fc.string({maxLength: 8});
  const part = fc.tuple(fc.stringMatching(/^[a-z]+ \/[a-z/]*$/), fc.array(line, {maxLength: 3}));
  t.notThrows(() => {
    fc.assert(
      fc.property(fc.array(part, {maxLength: 6}), (parts) => {
        const text = frames(...parts.map(([head, lines]) => [head, lines.join('\n')] as const));
        return joinFrames(splitFrames(text, 'T'), 'T') === text;
      }),
    );
  });
});

test('a MAC address keeps its vendor and is the same everywhere, also in a name', (t) => {
  const text = frames(
    ['file /sys/class/net/enx0c42a1b2c3d4/address', '0c:42:a1:b2:c3:d4'],
    ['run 0 ethtool -P enx0c42a1b2c3d4', 'Permanent address: 0C:42:A1:B2:C3:D4'],
    ['run 0 ethtool -x eth0', 'RSS hash key:\n6d:5a:56:da:25:5b:0e:c2:41:67'],
    ['many /sys', 'class/net/lo/address:00:00:00:00:00:00\nclass/net/a/address:0c:42:a1:b2:c3:d5'],
  );
  t.is(
    scrub(text, 'T'),
    frames(
      ['file /sys/class/net/enx0c42a1000000/address', '0c:42:a1:00:00:00'],
      ['run 0 ethtool -P enx0c42a1000000', 'Permanent address: 0C:42:A1:00:00:00'],
      ['run 0 ethtool -x eth0', 'RSS hash key:\n6d:5a:56:da:25:5b:0e:c2:41:67'],
      ['many /sys', 'class/net/lo/address:00:00:00:00:00:00\nclass/net/a/address:0c:42:a1:00:00:01'],
    ),
  );
});

test('addresses move network by network, so that what hangs together still does', (t) => {
  const text = frames(
    ['run 0 ssh-connection', '81.2.69.142 50522 10.7.3.9 22'],
    [
      'run 0 ip addr',
      '2: eth0    inet 10.7.3.9/24 brd 10.7.3.255 scope global eth0\n2: eth0    inet6 2a01:4f8::17/64 scope global',
    ],
    ['run 0 ip -4 route', 'default via 10.7.3.1 dev eth0\n10.7.3.0/24 dev eth0'],
    ['run 0 ip -6 route', 'default via fe80::1 dev eth0\n2a01:4f8::/64 dev eth0\n::1 dev lo'],
    ['run 0 ethtool -i eth0', 'firmware-version: 216.0.51.0'],
  );
  t.is(
    scrub(text, 'T'),
    frames(
      ['run 0 ssh-connection', '192.0.2.142 50522 198.51.100.9 22'],
      [
        'run 0 ip addr',
        '2: eth0    inet 198.51.100.9/24 brd 198.51.100.255 scope global eth0\n2: eth0    inet6 2001:db8:0:0::1/64 scope global',
      ],
      ['run 0 ip -4 route', 'default via 198.51.100.1 dev eth0\n198.51.100.0/24 dev eth0'],
      ['run 0 ip -6 route', 'default via fe80::2 dev eth0\n2001:db8:0:0::/64 dev eth0\n::1 dev lo'],
      ['run 0 ethtool -i eth0', 'firmware-version: 216.0.51.0'],
    ),
  );
});

test('/proc/net without ip tells the same replaced addresses', (t) => {
  const text = frames(
    ['run 0 ssh-connection', '10.7.3.1 50522 10.7.3.9 22'],
    ['cat /proc/net/route', 'Iface\tDestination\tGateway\neth0\t00000000\t0103070A'],
    ['cat /proc/net/if_inet6', '2a0104f8000000000000000000000017 02 40 00 80 eth0'],
  );
  t.is(bodyAfter(text, 'cat /proc/net/route'), 'Iface\tDestination\tGateway\neth0\t00000000\t010200C0\n');
  t.is(bodyAfter(text, 'cat /proc/net/if_inet6'), '20010db8000000000000000000000001 02 40 00 80 eth0\n');
});

test('names, ids, users and servers are gone; what they are part of stays', (t) => {
  const text = frames(
    ['file /etc/hostname', 'db-17'],
    [
      'many /proc/sys',
      'kernel/hostname:db-17.example.com\nkernel/osrelease:6.1.0-30-amd64\nkernel/random/boot_id:0a1b2c3d-1111-4222-8333-0123456789ab',
    ],
    ['file /etc/machine-id', '0123456789abcdef0123456789abcdef'],
    [
      'file /proc/cmdline',
      'root=UUID=0A1B2C3D-1111-4222-8333-0123456789AB systemd.machine_id=0123456789abcdef0123456789abcdef',
    ],
    ['run 0 user', 'uid=1000(alice) gid=0(root) groups=0(root),27(sudo)'],
    ['file /proc/mounts', 'filer.corp:/export /mnt nfs4 rw 0 0\n/dev/vda1 / ext4 rw 0 0'],
    ['list platform', '/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c'],
    ['file /etc/x', 'listen db-17.example.com # not xdb-17y'],
  );
  t.is(
    scrub(text, 'T'),
    frames(
      ['file /etc/hostname', 'host'],
      [
        'many /proc/sys',
        'kernel/hostname:host\nkernel/osrelease:6.1.0-30-amd64\nkernel/random/boot_id:00000000-0000-4000-8000-000000000000',
      ],
      ['file /etc/machine-id', '00000000000000000000000000000001'],
      [
        'file /proc/cmdline',
        'root=UUID=00000000-0000-4000-8000-000000000000 systemd.machine_id=00000000000000000000000000000001',
      ],
      ['run 0 user', 'uid=1000(user) gid=0(root) groups=0(root),27(user)'],
      ['file /proc/mounts', 'server-0:/export /mnt nfs4 rw 0 0\n/dev/vda1 / ext4 rw 0 0'],
      ['list platform', '/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c'],
      ['file /etc/x', 'listen host # not xdb-17y'],
    ),
  );
});

test('passwords on the command line and the arguments of init are gone', (t) => {
  const text = frames(['file /proc/cmdline', 'root=/dev/sda1 rd.iscsi.password=hunter2 quiet -- --auth abc']);
  t.is(bodyAfter(text, 'file /proc/cmdline'), 'root=/dev/sda1 rd.iscsi.password=[redacted] quiet --\n');
});

test('a host called like its distribution leaves the distribution alone', (t) => {
  const text = frames(['file /etc/hostname', 'debian'], ['file /etc/os-release', 'ID=debian']);
  t.is(bodyAfter(text, 'file /etc/os-release'), 'ID=debian\n');
});

const distinct = (lines: readonly string[]): number => new Set(lines).size;

test('scrubbing twice is scrubbing once', (t) => {
  const octet = fc.nat({max: 255});
  const mac = fc
    .array(octet, {minLength: 6, maxLength: 6})
    .map((octets) => octets.map((byte) => byte.toString(16).padStart(2, '0')).join(':'));
  const ip = fc.tuple(octet, octet, octet, octet).map((octets) => octets.join('.'));
  t.notThrows(() => {
    fc.assert(
      fc.property(fc.array(mac), fc.array(ip), (macs, ips) => {
        const once = scrub(frames(['file /a', macs.join('\n')], ['run 0 ip addr', ips.join('\n')]), 'T');
        const [first, second] = splitFrames(once, 'T');
        return (
          scrub(once, 'T') === once &&
          distinct((first?.body ?? '').trim().split('\n')) === Math.max(1, distinct(macs)) &&
          distinct((second?.body ?? '').trim().split('\n')) === Math.max(1, distinct(ips))
        );
      }),
    );
  });
});

test('a recording holds the frames of its probe, whatever words they hold', (t) => {
  const output = `banner\n${frames(['start', ''], ['file /a', 'frame is a word\nframe1 too'], ['file /b', ''])}`;
  const text = recordingOf(output, 'T');
  t.true(text.startsWith('linerate recording 1 frame2\n'));
  const recording = readRecordingText(text);
  t.false('reason' in recording);
  if ('reason' in recording) return;
  t.deepEqual(parseFrames(recording.text, recording.token), {...parseFrames(output, 'T'), preamble: ''});
  t.is(replayed(recording, 'T'), output.replace('banner\n', ''));
});

test('what is no whole recording says why', (t) => {
  const text = recordingOf(frames(['file /a', 'b']), 'T');
  t.deepEqual(readRecordingText('hello\n'), {reason: 'its first line does not say `linerate recording`'});
  t.deepEqual(readRecordingText(text.replace(' 1 ', ' 2 ')), {
    reason: 'it has format 2 and this linerate reads up to 1',
  });
  t.deepEqual(readRecordingText(text.slice(0, -2)), {reason: "it is cut off: its last line is not the probe's end"});
});
