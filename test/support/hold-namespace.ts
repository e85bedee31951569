import {spawnSync} from 'node:child_process';
import {textAt, TEMPLATES} from './lasting.ts';
import {ALIVE} from '../../engine/plan/run/library-alive.ts';
import {RUNNING} from '../../engine/plan/run/library-journal.ts';
import {shellQuote} from '../../engine/model/shell.ts';

export {textAt};

export const HOLD_SCRIPT = (): string => {
  const template = TEMPLATES.get('hold.sh');
  if (!template) throw new Error('there is no template hold.sh');
  return template({hold: '/etc/linerate/hold.conf', script: '/etc/linerate/hold.sh', runs: RUNNING, alive: ALIVE});
};

export type HoldRun = {status: number | null; output: string; errors: string};

/**
 * Runs shell text as root of fresh network and mount namespaces, which vanish with the process: /sys is the namespace's own,
 * /etc/linerate holds this hold file and the script, and `hold` runs that in the given shell.
 */
export const inHoldNamespace = (hold: string, text: string, shell = 'sh'): HoldRun => {
  const run = spawnSync(
    'unshare',
    [
      '-nmpf',
      '--mount-proc',
      '--kill-child',
      'sh',
      '-c',
      `set -e
mount -t sysfs none /sys
mount -t tmpfs none /run
mount -t tmpfs none /var/lib
mount -t tmpfs none /mnt
mkdir /mnt/work /mnt/etc /mnt/linerate
mount -t overlay overlay -o lowerdir=/etc,upperdir=/mnt/etc,workdir=/mnt/work /etc 2>/dev/null || mount -t tmpfs none /etc
mkdir -p /etc/linerate
printf %s ${shellQuote(hold)} >/etc/linerate/hold.conf
printf %s ${shellQuote(HOLD_SCRIPT())} >/etc/linerate/hold.sh
hold() { ${shell} /etc/linerate/hold.sh "$@"; }
set +e
${text}`,
    ],
    {encoding: 'utf8'},
  );
  if (run.error) throw run.error;
  return {status: run.status, output: run.stdout, errors: run.stderr};
};
