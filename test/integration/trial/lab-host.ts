import {shellQuote} from '../../../engine/model/shell.ts';
import type {HostOptions} from '../../support/lab/lab.ts';
import {grubConfig} from './boot-host.ts';

/** What a lab's host does when it is told to reboot, in the file /run/lab/mode: `boots` also where there is none. */
export type Mode = 'boots' | 'panics' | 'dies';

// GRUB, the kernel and the units of a trial in one: a host of the lab shares its kernel with this machine.
const BOOT = String.raw`#!/bin/sh
sleep 0.5
read -r mode </run/lab/mode
choice=$(grub-editenv /boot/grub/grubenv list | sed -n 's/^next_entry=//p')
arguments=$(sed -n 's/^\tlinux [^ ]* //p' /boot/grub/custom.cfg 2>/dev/null | tail -n 1)
[ -z "$choice" ] || grub-editenv /boot/grub/grubenv set next_entry=
rm -rf /run/linerate /run/linerate-trial
cat /proc/sys/kernel/random/uuid >/run/lab/boot_id
[ "$mode" != dies ] || { ip link set eth0 down; exit; }
if [ -z "$choice" ] || [ "$mode" = panics ]; then
  echo 'root=/dev/vda1 ro quiet' >/run/lab/cmdline
  for trial in /var/lib/linerate/runs/*/trial.sh; do
    [ ! -e /etc/systemd/system/linerate-trial-end.service ] || sh "$trial" ended
  done
  exit
fi
echo "$arguments" >/run/lab/cmdline
for word in $arguments; do case $word in linerate.trial=*) journal=/var/lib/linerate/runs/${'$'}{word#*=} ;; esac; done
echo two >"$journal/booted"
sleep "$(sed -n "s/^DEADLINE='\{0,1\}\([0-9]*\).*/\1/p" "$journal/trial.sh")"
ln -s reboot /run/linerate-trial 2>/dev/null
[ "$(readlink /run/linerate-trial)" = keep ] || exec "$0"
`;

// The arguments of the drop-ins go to every entry.
const UPDATE = String.raw`#!/bin/sh
GRUB_CMDLINE_LINUX=quiet GRUB_CMDLINE_LINUX_DEFAULT=
for file in /etc/default/grub.d/*linerate*; do [ ! -e "$file" ] || . "$file"; done
sed -i "s|^\(.linux.* ro\) .*|\1 $GRUB_CMDLINE_LINUX $GRUB_CMDLINE_LINUX_DEFAULT|" /boot/grub/grub.cfg
`;

const program = (path: string, text: string): string => `printf %s ${shellQuote(text)} >${path} && chmod 755 ${path}`;

/** A host of the lab with GRUB's files, which takes a reboot for one. */
export const rebootable = (more = ''): HostOptions => ({
  prepare: `
own /usr/bin
own /usr/sbin
mkdir -p /boot/grub /run/systemd/system /etc/default/grub.d
printf %s ${shellQuote(grubConfig())} >/boot/grub/grub.cfg
grub-editenv /boot/grub/grubenv create
echo boots >/run/lab/mode
echo 'root=/dev/vda1 ro quiet' >/run/lab/cmdline
cat /proc/sys/kernel/random/boot_id >/run/lab/boot_id
mount --bind /run/lab/cmdline /proc/cmdline
mount --bind /run/lab/boot_id /proc/sys/kernel/random/boot_id
${program('/run/lab/boot', BOOT)}
${program('/usr/bin/systemctl', '#!/bin/sh\ncase $* in *reboot*) setsid /run/lab/boot </dev/null >/dev/null 2>&1 & ;; esac\n')}
${program('/usr/bin/systemd-run', '#!/bin/sh\nwhile :; do case $1 in -*) shift ;; *) break ;; esac; done\nsetsid "$@" &\n')}
${program('/usr/sbin/update-grub', UPDATE)}
${program('/usr/sbin/grub-probe', '#!/bin/sh\ncase $* in *abstraction*) cat /run/lab/on 2>/dev/null ;; *) echo ext2 ;; esac\nexit 0\n')}
${more}
`,
});
