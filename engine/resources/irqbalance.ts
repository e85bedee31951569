import type {Facts} from '../facts/facts.ts';
import {IRQBALANCE_LIVE} from '../facts/services.ts';
import type {Step} from '../model/change.ts';

const FOLDER = IRQBALANCE_LIVE.replace(/\/[^/]*$/, '');
const DROP_IN = `${FOLDER}/linerate.conf`;

/** One ban as the arguments spell it: `--banmod=ena`, `--banmod ena`, `-m ena`. */
const banWords = (module: string): RegExp =>
  new RegExp(String.raw`(^|[\s"'=])(?:--banmod[= ]|-m\s*)${module.replaceAll(/\W/g, '')}(?=[\s"']|$)`, 'g');

/** The arguments that irqbalance is run with now. */
const argumentsNow = ({services}: Facts): string =>
  services.irqbalance?.liveArguments ?? services.irqbalance?.arguments ?? '';

/** Whether irqbalance leaves a module's interrupts alone: now, or as its own file has it for the next boot. */
export const isBanned = (facts: Facts, module: string, when: 'live' | 'boot'): boolean =>
  banWords(module).test(when === 'live' ? argumentsNow(facts) : (facts.services.irqbalance?.arguments ?? ''));

const RESTART: readonly Step[] = [
  {do: 'run', argv: ['systemctl', 'daemon-reload']},
  {do: 'run', argv: ['systemctl', 'try-restart', 'irqbalance.service']},
];

// Debian's unit passed OPTIONS until 2021, and its other name has nothing to do with the newer one.
const environment = (text: string): string => {
  const quoted = `"${text.replaceAll(/[\\"$`]/g, String.raw`\$&`)}"`;
  return `IRQBALANCE_ARGS=${quoted}\nOPTIONS=${quoted}\n`;
};

const put = (text: string): readonly Step[] => [
  {do: 'run', argv: ['mkdir', '-p', FOLDER]},
  {do: 'put', path: IRQBALANCE_LIVE, text: environment(text), mode: 0o644},
  {do: 'put', path: DROP_IN, text: `[Service]\nEnvironmentFile=${IRQBALANCE_LIVE}\n`, mode: 0o644},
  ...RESTART,
];

/**
 * Has irqbalance leave some modules' interrupts alone, or balance them, until the next boot: by a drop-in below /run that
 * replaces its arguments, as its own file belongs to the administrator. Undefined without systemd.
 */
export const banSteps = (
  facts: Facts,
  wanted: readonly {module: string; banned: boolean}[],
): readonly Step[] | undefined => {
  if (facts.os.init !== 'systemd') return undefined;
  let text = argumentsNow(facts);
  for (const {module, banned} of wanted) {
    if (!banned) text = text.replaceAll(banWords(module), '$1');
    else if (!banWords(module).test(text)) text += ` --banmod=${module}`;
  }
  return put(text.trim().replaceAll(/\s+/g, ' '));
};

/** Brings back the arguments that the facts show. */
export const bansNow = ({services}: Facts): readonly Step[] => {
  const before = services.irqbalance?.liveArguments;
  if (before !== undefined) return put(before);
  return [{do: 'remove', path: DROP_IN}, {do: 'remove', path: IRQBALANCE_LIVE}, ...RESTART];
};
