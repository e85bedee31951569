import test from 'ava';
import {os, shellAssignments} from '../../../engine/facts/os.ts';
import {framesOf} from '../../support/host-frames.ts';

const running = {
  files: {
    '/etc/os-release': 'PRETTY_NAME="Amazon Linux 2023"\nID=amzn\nID_LIKE="fedora centos"\nVERSION_ID=\'2023\'\n',
    '/proc/uptime': '12345.67 1.00',
    '/proc/sys/kernel/hostname': 'packet-1',
    '/proc/sys/kernel/osrelease': '6.1.112-122.189.amzn2023.x86_64',
    '/proc/sys/kernel/random/boot_id': '33c65fd1-83d0-4e04-860b-f624d125b726',
    '/etc/machine-id': '3d1219c7c4c5404aaa1f6d2a48adfda4\n',
  },
  lists: {init: ['/run/systemd/system', '/usr/lib/systemd/systemd']},
  runs: {
    machine: 'aarch64',
    user: 'uid=1000(ec2-user) gid=1000(ec2-user) groups=1000(ec2-user)',
    'ssh-connection': '198.51.100.9 52113 192.0.2.5 22',
  },
};

test('a running system', (t) => {
  t.deepEqual(os.parse(framesOf(running)), {
    hostname: 'packet-1',
    id: 'amzn',
    idLike: ['fedora', 'centos'],
    versionId: '2023',
    prettyName: 'Amazon Linux 2023',
    kernel: '6.1.112-122.189.amzn2023.x86_64',
    architecture: 'aarch64',
    init: 'systemd',
    user: {uid: 1000, name: 'ec2-user'},
    machineId: '3d1219c7c4c5404aaa1f6d2a48adfda4',
    bootId: '33c65fd1-83d0-4e04-860b-f624d125b726',
    uptimeSeconds: 12345.67,
    sshConnection: {clientAddress: '198.51.100.9', serverAddress: '192.0.2.5'},
  });
});

test('an image: its newest kernel, its configured name, no identity yet', (t) => {
  const image = os.parse(
    framesOf({
      files: {
        '/usr/lib/os-release': 'ID=debian\n',
        '/etc/hostname': '# set by the image\nimage\n',
        '/etc/machine-id': 'uninitialized\n',
      },
      lists: {
        init: ['/usr/lib/systemd/systemd'],
        kernels: ['/lib/modules/6.1.0-9-amd64', '/lib/modules/6.1.0-30-amd64'],
      },
      absent: ['/proc/sys/kernel/random/boot_id'],
    }),
  );
  t.like(image, {hostname: 'image', id: 'debian', kernel: '6.1.0-30-amd64', init: 'systemd', uptimeSeconds: 0});
  t.deepEqual(image.machineId, {unknown: 'not set yet'});
  t.deepEqual(image.bootId, {unknown: 'no such file'});
  t.deepEqual(image.user, {uid: -1, name: ''});
  t.false('sshConnection' in image);
});

test('systemd that is installed but does not run the machine', (t) => {
  t.is(os.parse(framesOf({...running, lists: {init: ['/usr/lib/systemd/systemd']}})).init, 'other');
});

test('nothing at all', (t) => {
  t.like(os.parse(framesOf({})), {hostname: '', id: 'linux', kernel: '', architecture: '', init: 'other'});
});

test('assignments as the shell quotes them', (t) => {
  t.deepEqual(
    shellAssignments(`# A=1
B="two \\"words\\""
export C='it is \\ plain'
D=bare # comment
E=
 F=indented
`),
    {B: 'two "words"', C: String.raw`it is \ plain`, D: 'bare', E: '', F: 'indented'},
  );
});
