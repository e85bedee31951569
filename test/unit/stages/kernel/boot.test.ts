import test from 'ava';
import {judgeBoot, type Expected} from '../../../../engine/stages/kernel/boot/judge.ts';
import {parseBootReport} from '../../../../engine/stages/kernel/boot/report.ts';

const DIGEST = 'a'.repeat(64);
const SAID = `release 6.1.176-lab
version #1 SMP PREEMPT_RT Debian 6.1.176-1
init-seconds 2.29
firmware uefi
realtime 1
btf yes
config ${DIGEST}
module virtio_net
nic virtio_net answers 4
nic e1000e answers 1
disk nvme readable
disk vda readable
end
`;
const EXPECTED: Expected = {
  firmware: ['uefi'],
  nics: ['virtio_net', 'e1000e', 'igb'],
  disks: ['vda', 'nvme'],
  realtime: true,
  btf: true,
  release: '6.1.176-lab',
  configDigest: DIGEST,
};
const judged = (change: (said: string) => string, absent = ['igb']): string[] =>
  judgeBoot(parseBootReport(change(SAID)), EXPECTED, absent);

test('what a kernel says of itself is read', (t) => {
  t.deepEqual(parseBootReport(SAID), {
    firmware: 'uefi',
    release: '6.1.176-lab',
    version: '#1 SMP PREEMPT_RT Debian 6.1.176-1',
    seconds: 2.29,
    realtime: true,
    btf: true,
    configDigest: DIGEST,
    modulesRefused: [],
    nics: [
      {driver: 'virtio_net', answers: true, queues: 4},
      {driver: 'e1000e', answers: true, queues: 1},
    ],
    disks: [
      {name: 'nvme', readable: true},
      {name: 'vda', readable: true},
    ],
    complaints: [],
    whole: true,
  });
});

test('a boot that shows all is no matter of complaint, and a NIC model that QEMU lacks neither', (t) => {
  t.deepEqual(
    judged((said) => said),
    [],
  );
  t.deepEqual(
    judged((said) => said, []),
    ['no NIC got the driver igb'],
  );
});

const cases: [title: string, change: (said: string) => string, expected: string[]][] = [
  ['dies on the way', (said) => said.replace('end\n', ''), ['it died before the end of its proof']],
  [
    'is another kernel',
    (said) => said.replace('6.1.176-lab', '6.1.0-56-amd64'),
    ['it says that it is 6.1.0-56-amd64, not 6.1.176-lab'],
  ],
  [
    'has another configuration',
    (said) => said.replace(DIGEST, 'b'.repeat(64)),
    ['its configuration is not the one it was compiled with'],
  ],
  [
    'is not real-time',
    (said) => said.replace('PREEMPT_RT', 'PREEMPT_DYNAMIC'),
    ['it is no real-time kernel: #1 SMP PREEMPT_DYNAMIC Debian 6.1.176-1'],
  ],
  [
    'lacks type information',
    (said) => said.replace('btf yes', 'btf no'),
    ['it carries no BPF type information (/sys/kernel/btf/vmlinux)'],
  ],
  [
    'has a NIC that nothing answers',
    (said) => said.replace('e1000e answers', 'e1000e silent'),
    ['over its e1000e NIC nothing answers'],
  ],
  [
    'cannot read a disk',
    (said) => said.replace('nvme readable', "nvme unmountable mount: can't"),
    ['it cannot read ext4 on its disk nvme'],
  ],
  [
    'refuses a module',
    (said) => `${said}module-failed vmxnet3 modprobe: Invalid argument\n`,
    ['a module is refused: vmxnet3 modprobe: Invalid argument'],
  ],
  [
    'warns of itself',
    (said) => `${said}complaint [    1.2] WARNING: CPU: 0 PID: 1 at net/core/dev.c:1\n`,
    ['it complains: [    1.2] WARNING: CPU: 0 PID: 1 at net/core/dev.c:1'],
  ],
];
for (const [title, change, expected] of cases)
  test(`a kernel that ${title}`, (t) => {
    t.deepEqual(judged(change), expected);
  });

test('a kernel that does not carry its configuration is not blamed for it', (t) => {
  t.deepEqual(
    judged((said) => said.replace(`config ${DIGEST}`, 'config none')),
    [],
  );
});
