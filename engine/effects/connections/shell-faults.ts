import {Fault} from '../../model/fault.ts';
import {printableLine} from '../../model/printable.ts';
import type {Ending} from './channel.ts';

const lastWords = (ending: Ending): string => printableLine(ending.stderr.trim() || ending.stdout.trim(), 300);

const howItEnded = (ending: Ending): string =>
  ending.signal === null ? `exit ${String(ending.exit)}` : `signal ${ending.signal.replace(/^SIG/, '')}`;

const brokenShell = (host: string, ending: Ending): Fault => {
  const missing = /no such file|not found/i.test(ending.stderr);
  return new Fault({
    code: missing ? 'shell-missing' : 'shell-broken',
    owner: 'host',
    host,
    message: missing
      ? `${host} has no /bin/sh: ${lastWords(ending)}`
      : `/bin/sh on ${host} does not run: ${lastWords(ending)}`,
    hint: 'all that linerate needs on a host is a POSIX shell at /bin/sh',
  });
};

const diskFull = (host: string, ending: Ending): Fault =>
  new Fault({
    code: 'host-disk-full',
    owner: 'host',
    host,
    message: `${host} has no space left on a disk that its shell needs: ${lastWords(ending)}`,
    hint: 'free some space in /tmp, /var and /run',
  });

const restricted = (host: string, ending: Ending): Fault =>
  new Fault({
    code: 'shell-restricted',
    owner: 'host',
    host,
    message: `the login shell on ${host} is restricted and does not start /bin/sh: ${lastWords(ending)}`,
    hint: 'log in as a user with an ordinary shell',
  });

/** Why a program that should have become a shell on the host ended before the shell's first word. */
export const noShellFault = (host: string, ending: Ending): Fault => {
  if (/no space left on device|disk quota exceeded/i.test(ending.stderr)) return diskFull(host, ending);
  if (/restricted/i.test(ending.stderr)) return restricted(host, ending);
  if (ending.exit === 126 || ending.exit === 127 || /exec format error/i.test(ending.stderr))
    return brokenShell(host, ending);
  const words = lastWords(ending);
  return new Fault({
    code: 'shell-none',
    owner: 'host',
    host,
    message: `${host} gave no shell (${howItEnded(ending)})${words === '' ? '' : `, only: ${words}`}`,
    hint: 'the account may be disabled, forced to a command, or its shell may not run',
  });
};

/** Why a shell that had answered ended in the middle of a script. */
export const droppedFault = (host: string, ending: Ending): Fault => {
  if (/no space left on device/i.test(ending.stderr)) return diskFull(host, ending);
  return new Fault({
    code: 'connection-dropped',
    owner: 'unreachable',
    host,
    message: `the shell on ${host} went away in the middle of a script (${howItEnded(ending)})${ending.stderr.trim() === '' ? '' : `: ${printableLine(ending.stderr.slice(-300))}`}`,
    hint: "nothing was changed; run again, and see the host's log if it happens twice",
  });
};
