import {shellQuote} from '../../../engine/model/shell.ts';
import type {HostOptions} from './lab.ts';

/** A user `ops` beside root: what sudoers says of it, and its password where it has one. */
export const withOps = (options: {
  password?: string;
  sudoers?: string;
  shell?: string;
  prepare?: string;
}): HostOptions => ({
  prepare: `
echo 'ops:x:2000:2000::/home/ops:${options.shell ?? '/bin/bash'}' >>/etc/passwd
echo 'ops:x:2000:' >>/etc/group
echo 'ops:*:19000:0:99999:7:::' >>/etc/shadow
mkdir -p /home/ops && chown 2000:2000 /home/ops
${options.password === undefined ? '' : `printf 'ops:%s\\n' ${shellQuote(options.password)} | chpasswd -c SHA512`}
rm -rf /etc/sudoers.d && mkdir /etc/sudoers.d
printf '%s\\n' ${shellQuote(options.sudoers ?? '')} >/etc/sudoers.d/lab && chmod 440 /etc/sudoers.d/lab
${options.prepare ?? ''}
`,
});

/** Prints a warning before every login, with escape sequences that a terminal must never see. */
export const withBanner: HostOptions = {
  sshd: ['Banner /run/lab/banner'],
  prepare: String.raw`printf 'Authorised use only\033]0;owned\007\n' >/run/lab/banner`,
};

/** root's shell prints on both streams at every start, and leaves its last line unfinished. */
export const withNoisyProfile: HostOptions = {
  prepare: `printf '%s\\n' 'echo "Welcome to $(hostname)"' 'echo oops >&2' 'printf unfinished' >/root/.bashrc`,
};

/** root logs in to another shell. */
export const withLoginShell = (shell: string, prepare = ''): HostOptions => ({
  prepare: `${prepare}\nsed -i 's#^root:.*#root:x:0:0:root:/root:${shell}#' /etc/passwd`,
});

/** A program below a directory of the system is not there. */
export const without = (program: string): HostOptions => ({
  prepare: `own ${program.replace(/\/[^/]*$/, '')}\nrm ${program}`,
});

/** /bin/sh is there, and is no program. */
export const withBrokenShell: HostOptions = {
  prepare: String.raw`own /usr/bin
rm /usr/bin/sh
printf '\177ELF\001\001garbage' >/usr/bin/sh
chmod 755 /usr/bin/sh`,
};

export const withoutSys: HostOptions = {prepare: 'umount /sys'};

/** /tmp, /var/tmp, /root and /run have no byte left. */
export const withFullDisk: HostOptions = {
  prepare: `for directory in /tmp /var/tmp /root; do
  mount -t tmpfs -o size=64k lab "$directory"
  head -c 1000000 /dev/zero >"$directory/full" 2>/dev/null || :
done`,
};
