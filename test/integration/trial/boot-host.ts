import {boot} from '../../../engine/facts/boot.ts';
import type {Facts} from '../../../engine/facts/facts.ts';
import {shellQuote} from '../../../engine/model/shell.ts';
import type {Setting} from '../../../engine/model/setting.ts';
import {trialOf} from '../../../engine/plan/trial/trial-of.ts';
import {startTrialScript} from '../../../engine/plan/trial/scripts.ts';
import type {Trial, TrialSpec} from '../../../engine/plan/trial/trial.ts';
import {exampleFacts} from '../../support/facts.ts';
import {TEMPLATES} from '../../support/lasting.ts';
import {probeInNamespace} from '../../support/namespace-probe.ts';
import {inSandbox} from '../../support/sandbox.ts';
import {plantTree} from '../../support/text-tree.ts';

export const RUN = '20261120T092600Z-3f9a1c-3';

/** A kernel argument as a plan wants it. */
export const wantedArgument = (name: string, want: string): Setting => ({
  id: `boot ${name}`,
  live: 'absent',
  boot: {held: 'absent'},
  want,
  pending: ['live', 'boot'],
  why: 'it is wanted',
  source: 'a test',
  from: {layer: 'workload', at: 'a test'},
  effect: 'reboot',
  undo: 'reboot',
});

export const ISOLATION = [wantedArgument('isolcpus', '2-3'), wantedArgument('nosmt', 'present')];

/** Facts of a host whose boot loader's files are those of this tree (`plantTree`), read by the real probe. */
export const factsOfTree = (tree: string, os: Partial<Facts['os']> = {}): Facts => {
  const facts = exampleFacts();
  const frames = probeInNamespace([boot], {prepare: plantTree(tree), root: '/mnt'});
  return {...facts, os: {...facts.os, ...os}, boot: {...boot.parse(frames), commandLine: 'root=/dev/vda1 ro quiet'}};
};

/** The trial of these arguments; throws where there is none. */
export const trialIn = (facts: Facts, settings: readonly Setting[] = ISOLATION): Trial => {
  const {trial, blocks} = trialOf(facts, {settings}, TEMPLATES);
  if (!trial) throw new Error(`no trial: ${JSON.stringify(blocks)}`);
  return trial;
};

export const specOf = (trial: Trial): TrialSpec => ({
  trial,
  id: RUN,
  host: 'h1',
  by: 'tester@controller',
  at: '2026-11-20T09:26:00Z',
  digest: 'd1',
  deadline: 300,
});

export const startOf = (trial: Trial): string => startTrialScript(specOf(trial), TEMPLATES);

/**
 * A host's programs that a sandbox must not really run: systemctl writes down what it is told, systemd-run runs its program
 * at once in a session of its own, grub-probe and bootctl answer for the disk and the firmware of `ON`, `TYPE`.
 */
const PROGRAMS = String.raw`
mount -t tmpfs sandbox /boot && mkdir /mnt/etc
for name in passwd group nsswitch.conf ld.so.cache alternatives grub.d; do cp -a /etc/$name /mnt/etc/; done
rm -f /mnt/etc/grub.d/00_tuned
mount -t tmpfs sandbox /etc && cp -a /mnt/etc/. /etc/ && rm -r /mnt/etc && mkdir -p /etc/systemd/system /etc/default
mkdir -p /mnt/bin /run/systemd/system
stand_in() { cat >"/mnt/bin/$1" && chmod 755 "/mnt/bin/$1" && touch "/mnt/bin/$1.there" && mount --bind "/mnt/bin/$1" "$(command -v "$1")"; }
stand_in systemctl <<'END'
#!/bin/sh
echo "$*" >>/mnt/calls
END
stand_in systemd-run <<'END'
#!/bin/sh
while :; do case $1 in -*) shift ;; *) break ;; esac; done
setsid "$@" &
END
stand_in grub-probe <<'END'
#!/bin/sh
case "$*" in
*abstraction*) cat /mnt/on 2>/dev/null || : ;;
*partmap*) echo gpt ;;
*fs_uuid*) echo 6a4f0d3e-1b2c-4d5e-8f90-a1b2c3d4e5f6 ;;
*hint*) echo hd0,gpt1 ;;
*fs*) cat /mnt/type 2>/dev/null || echo ext2 ;;
*device*) echo /dev/vda1 ;;
esac
END
# What the kernel says of the boot that runs: NAME ARGUMENTS
booted() {
  for mounted in /proc/cmdline /proc/sys/kernel/random/boot_id; do umount "$mounted" 2>/dev/null; done
  echo "$2" >/mnt/cmdline && mount --bind /mnt/cmdline /proc/cmdline
  echo "$1" >/mnt/boot_id && mount --bind /mnt/boot_id /proc/sys/kernel/random/boot_id
}
# A reboot: nothing runs any more, and /run is empty.
rebooted() {
  umount /run && mount -t tmpfs sandbox /run && mkdir -p /run/systemd/system
  booted "$@"
}
# Every file's bytes, mode and owner.
snapshot() { (cd / && find boot etc -mindepth 1 \( -type f -exec sha256sum {} + -o -type l -printf '%p -> %l\n' \); find boot etc -mindepth 1 -printf '%p %m %u:%g\n') | sort; }
settled() { tries=0; until grep -Eqx "$1" /var/lib/linerate/runs/*/state 2>/dev/null; do tries=$((tries + 1)); [ "$tries" -lt 200 ] || { echo "never $1"; return; }; sleep 0.05; done; }
called() { tries=0; until grep -qx "$1" /mnt/calls 2>/dev/null; do tries=$((tries + 1)); [ "$tries" -lt 200 ] || { echo "never $1"; return; }; sleep 0.05; done; }
booted one 'root=/dev/vda1 ro quiet'
`;

/** Runs a script in a sandbox with the programs above and a tree planted in it; `input` is at /mnt/script. */
export const onHost = (tree: string, script: string, input = ''): string =>
  inSandbox(
    `${PROGRAMS}\n${plantTree(tree)}
for folder in boot etc; do [ ! -d /mnt/$folder ] || cp -a /mnt/$folder/. /$folder/; done\ncat >/mnt/script\n${script}`,
    input,
  );

/** The grub.cfg that the real grub-mkconfig makes of two kernels and these lines of /etc/default/grub. */
export const grubConfig = (defaults: readonly string[] = []): string =>
  onHost(
    '',
    `mkdir -p /boot/grub
    for version in 6.1.0-28 6.1.0-30; do touch /boot/vmlinuz-$version-amd64 /boot/initrd.img-$version-amd64; done
    printf '%s\\n' GRUB_DEFAULT=0 GRUB_TIMEOUT=1 GRUB_DISTRIBUTOR=Debian ${shellQuote('GRUB_CMDLINE_LINUX="quiet"')} ${defaults.map(shellQuote).join(' ')} >/etc/default/grub
    rm -rf /etc/default/grub.d
    grub-mkconfig 2>/dev/null`,
  );
