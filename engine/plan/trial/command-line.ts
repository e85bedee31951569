import {TRIAL_ARGUMENT, TRIAL_UNIT} from '../lasting/kernel-arguments.ts';
import type {Trial} from './trial.ts';

/** Seconds that a kernel waits after a panic before it reboots. */
export const PANIC_SECONDS = 30;

/**
 * The command line of the trial boot. A boot that never gets to the deadline's unit comes back by these words:
 * - `panic=` for the kernel, and for Debian's initramfs, which else opens a shell where it finds no root (initramfs-tools(7));
 * - `rd.shell=0 rd.emergency=reboot` for dracut's (dracut.cmdline(7));
 * - `systemd.wants=` pulls the deadline's unit in whatever target is booted: rescue and emergency too
 *   (systemd-debug-generator(8)).
 *
 * A kernel that hangs without a panic comes back only by a hardware watchdog. Nothing is armed here for that: systemd
 * leaves one armed over every reboot where there is one (RebootWatchdogSec=, 10 minutes), and one of our own would go on
 * to watch the boot that is kept.
 */
export const trialCommandLine = ({commandLine, entry}: Trial, run: string): string => {
  const dracut = entry.loader === 'grub' ? [] : ['rd.shell=0', 'rd.emergency=reboot'];
  const words = [
    `panic=${String(PANIC_SECONDS)}`,
    ...dracut,
    `systemd.wants=${TRIAL_UNIT}`,
    `${TRIAL_ARGUMENT}=${run}`,
  ];
  return [commandLine, ...words].join(' ').trim();
};
