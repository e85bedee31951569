import test from 'ava';
import {type Machine, bootMachine} from '../../support/machines/machine.ts';

let machine: Machine;

test.before(async (t) => {
  t.timeout(1_200_000);
  machine = await bootMachine((line) => t.log(line), {disk: 'grub'});
});

test.after.always(async () => {
  await machine?.stop();
});

/** What commands print on the machine, all of which must succeed. */
const said = async (script: string): Promise<string> => {
  const {status, stdout, stderr} = await machine.run(`set -e\n${script}`);
  if (status !== 0) throw new Error(`${script}: ${stderr}`);
  return stdout.trim();
};

const bootsOnConsole = async (entry: string): Promise<number> =>
  (await machine.console()).split(`Booting \`${entry}'`).length - 1;

test.serial('GRUB of the disk has booted the root by its UUID', async (t) => {
  t.timeout(120_000);
  t.regex(await said('cat /proc/cmdline'), /^BOOT_IMAGE=\/boot\/vmlinuz-\S+ root=UUID=\S+ ro /);
  t.is(await said('findmnt -no SOURCE,FSTYPE /'), '/dev/vda2 ext4');
  t.is(await bootsOnConsole('Debian GNU/Linux'), 1);
  t.is(await said('systemctl list-units --failed --no-legend'), '');
});

test.serial('update-grub writes byte by byte what the image was given, and update-initramfs works', async (t) => {
  t.timeout(600_000);
  const before = await said('sha256sum /boot/grub/grub.cfg');
  await said('update-grub');
  t.is(await said('sha256sum /boot/grub/grub.cfg'), before);
  await said('echo vfio-pci >>/etc/initramfs-tools/modules; update-initramfs -u');
  t.regex(await said('lsinitramfs /boot/initrd.img-*'), /\/vfio-pci\.ko$/m);
});

test.serial('grub-reboot boots another entry once, and the next boot is the default again', async (t) => {
  t.timeout(1_200_000);
  // The default entry under another name with one more argument, as a person would add it by hand.
  await said(String.raw`
    sed -n "/^menuentry 'Debian GNU.Linux' /,/^}/p" /boot/grub/grub.cfg |
      sed "s/^menuentry .*/menuentry 'once' --id once {/; s/^\tlinux\t.*/& linerate.test=once/" >/boot/grub/custom.cfg
    grub-reboot once`);
  t.is(await said('grub-editenv list'), 'next_entry=once');
  await machine.reboot();
  t.regex(await said('cat /proc/cmdline'), / linerate\.test=once$/);
  t.is(await bootsOnConsole('once'), 1);
  t.is(await said('grub-editenv list'), 'next_entry=');
  await machine.reboot();
  t.notRegex(await said('cat /proc/cmdline'), /linerate/);
});

test.serial('a power cut ends nothing in order, and leaves what was synced', async (t) => {
  t.timeout(1_200_000);
  await said(`
    systemd-run --quiet --unit=orderly --property=ExecStop='/bin/touch /root/orderly' --remain-after-exit true
    echo kept >/root/synced
    sync /root/synced`);
  const before = await machine.bootId();
  await machine.powerCut();
  t.not(await machine.waitForReboot(before), before);
  t.is(await said('cat /root/synced; [ ! -e /root/orderly ]'), 'kept');
});
