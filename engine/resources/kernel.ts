import {askedOf, heldAsked, sayAsked} from '../facts/asked.ts';
import type {Facts} from '../facts/facts.ts';
import type {Boot, Held} from '../model/setting.ts';
import {shellQuote} from '../model/shell.ts';
import {bootWay} from './boot-way.ts';
import type {ResourceKind} from './resource.ts';

const RELEASE = /^\d[\w.+~-]*$/;

const DEFAULT = 'default';
const UPDATES = 'updates';

// The last line counts: the file is read by shells.
const READS = `"$(sed -n 's/^[[:space:]]*UPDATEDEFAULT=//p' /etc/sysconfig/kernel 2>/dev/null | tail -n 1)"`;

/**
 * How many bytes of signatures the EFI program at a path carries; nothing where there is none. The length of the certificate
 * table lies 172 bytes behind the PE header, whose place is told at byte 60: Microsoft's PE format, “Optional Header Data
 * Directories”.
 */
const signatureOf = (file: string): string =>
  `"$(f=${shellQuote(file)}; [ -r "$f" ] && pe=$(od -An -tu4 -j60 -N4 "$f") && od -An -tu4 -j$((pe + 172)) -N4 "$f")"`;

/** Where distributions put a release's kernel. */
const imageOf = (release: string): string => `/boot/vmlinuz-${release}`;

/** GRUB starts no other under Secure Boot, and then waits at its menu for somebody to come. */
const unsigned = (facts: Facts, release: string): string | undefined => {
  const signature = askedOf(facts, `kernel ${DEFAULT}`)?.trim();
  if (facts.platform.secureBoot !== true || signature !== '0') return undefined;
  return `this host boots by Secure Boot, and ${imageOf(release)} carries no signature: it would not start`;
};

const UNTOLD = 'which kernel the boot loader starts could not be told';

/** Whether a kernel that is installed from now on boots by itself (`boot`), or is there to be chosen (`wait`). */
const updates = (facts: Facts): Held => {
  const way = bootWay(facts);
  if (way === undefined) return 'unsupported';
  if (way === 'grubby')
    return heldAsked(facts, `kernel ${UPDATES}`, (text) => ({value: /^["']?yes/.test(text.trim()) ? 'boot' : 'wait'}));
  if (facts.boot.release === undefined) return {unreadable: UNTOLD};
  return {value: facts.boot.named ? 'wait' : 'boot'};
};

const bySource = ({boot: {sources, configuredIn}}: Facts): Pick<Boot, 'by'> => {
  const by = sources.findLast(({text}) => /^(?:export\s+)?GRUB_DEFAULT=/.test(text))?.at ?? configuredIn[0];
  return by === undefined ? {} : {by};
};

const next = (facts: Facts): Boot => {
  const {release} = facts.boot;
  return {held: release === undefined ? {unreadable: UNTOLD} : {value: release}, ...bySource(facts)};
};

/**
 * Which kernel a host boots: `kernel default` holds a release as `uname -r` says it, and `kernel updates` whether one that
 * is installed later takes its place by itself: `boot`, or `wait`.
 */
export const kernel: ResourceKind = {
  kind: 'kernel',
  form: `${DEFAULT}, or ${UPDATES}`,
  knows: (rest) => rest === DEFAULT || rest === UPDATES,
  problem: (rest, want) => {
    if (rest === UPDATES) return want === 'wait' ? undefined : 'can only be made to wait';
    return RELEASE.test(want) ? undefined : 'is no kernel release such as 6.1.0-30-amd64';
  },
  reads: (rest, want) => sayAsked(`kernel ${rest}`, rest === UPDATES ? READS : signatureOf(imageOf(want))),
  live: (facts, rest) => {
    if (rest === UPDATES) return updates(facts);
    return bootWay(facts) === undefined ? 'unsupported' : {value: facts.os.kernel};
  },
  boot: (facts, rest) => (rest === UPDATES ? {held: updates(facts), ...bySource(facts)} : next(facts)),
  effect: (_facts, rest) => (rest === UPDATES ? 'live' : 'reboot'),
  undo: (facts, rest, want) => (rest === UPDATES || facts.os.kernel === want ? 'exact' : 'reboot'),
  same: (_facts, _rest, held, want) => held === want,
  fixed: (facts, rest, want) => (rest === DEFAULT ? unsigned(facts, want) : undefined),
};
