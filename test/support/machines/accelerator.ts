import {readFile, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {outcomeOf} from './command.ts';

/** A kernel without a root panics and so leaves QEMU within two seconds where KVM works. */
const trial = async (kernel: string): Promise<boolean> => {
  const limits = ['timeout', '--signal=KILL', '6'];
  const machine = [
    '-accel',
    'kvm',
    '-machine',
    'q35',
    '-cpu',
    'Nehalem',
    '-m',
    '256',
    '-nodefaults',
    '-display',
    'none',
  ];
  const guest = ['-no-reboot', '-kernel', kernel, '-append', 'panic=-1'];
  const {status} = await outcomeOf([...limits, 'qemu-system-x86_64', ...machine, ...guest]);
  return status === 0;
};

/**
 * `kvm` where it really runs a kernel, else `tcg`. /dev/kvm may be there and still hang every guest (nested machines
 * without the CPU's support), so it is tried; the answer is kept until this machine boots again.
 */
export const accelerator = async (folder: string): Promise<'kvm' | 'tcg'> => {
  const note = path.join(folder, 'accelerator');
  const boot = (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
  const [seen, answer] = (await readFile(note, 'utf8').catch(() => '')).split(' ');
  if (seen === boot && (answer === 'kvm' || answer === 'tcg')) return answer;
  const found = (await trial(path.join(folder, 'vmlinuz'))) ? 'kvm' : 'tcg';
  await writeFile(note, `${boot} ${found}`);
  return found;
};
