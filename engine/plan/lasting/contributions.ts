import type {Facts} from '../../facts/facts.ts';
import {isOwnFile, OWN} from '../../facts/own-files.ts';
import type {Lasting} from '../../model/change.ts';
import type {Block, Setting} from '../../model/setting.ts';
import {kindOf} from '../../resources/kinds.ts';
import {argumentOf} from '../../resources/kernel-arguments.ts';
import {splitId} from '../../resources/lookup.ts';
import {comesLater} from '../../resources/own-boot.ts';

/** A setting with where its value goes so that it lasts. */
export type Contribution<To extends Lasting['to'] = Lasting['to']> = {
  setting: Setting;
  lasting: Extract<Lasting, {to: To}>;
};

const withoutLine = (at: string): string => at.replace(/:\d+$/, '');

/** Whether the value holds at boot because linerate made it so before: then it stays in linerate's file. */
const isOurs = ({services}: Facts, {boot}: Setting, {kind, rest}: {kind: string; rest: string}): boolean => {
  if (boot.by !== undefined && isOwnFile(withoutLine(boot.by))) return true;
  const grub = kind === 'boot' ? services.own?.texts[OWN.grub] : undefined;
  return grub !== undefined && argumentOf(grub.replaceAll(/["']/g, ' '), rest) !== undefined;
};

const nowhere = ({id, live}: Setting): Block =>
  live === 'absent'
    ? {
        id,
        reason: 'it is not there yet, so that nothing is known to set it by',
        hint: 'apply once more when it is there',
      }
    : {id, reason: 'nothing that linerate writes can make this value last', hint: 'it holds until the next reboot'};

// Everything else is read by something that every distribution has.
const NEEDS_SYSTEMD: ReadonlySet<Lasting['to']> = new Set(['nic', 'host', 'mount', 'service', 'irqbalance']);

const withoutSystemd = ({id}: Setting): Block => ({
  id,
  reason: 'this host does not boot with systemd, whose units would set the value again',
  hint: 'it holds until the next reboot',
});

const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** The file or program that sets the value after linerate's own file does; undefined where linerate has the last word. */
const overruledBy = (facts: Facts, {boot}: Setting, {to}: Lasting): string | undefined => {
  if (boot.by === undefined) return undefined;
  const file = withoutLine(boot.by);
  if (to === 'nic' || to === 'host') return comesLater(facts, boot) ? boot.by : undefined;
  if (to === 'limit') return baseName(file) > baseName(OWN.defaultLimits) ? boot.by : undefined;
  if (to === 'module-option') return file.includes('/modprobe.d/') ? undefined : boot.by;
  if (to !== 'sysctl') return undefined;
  const later = file.includes('/sysctl.d/') && baseName(file) > baseName(OWN.sysctls);
  const started = facts.services.files.some(({kind, path}) => kind === 'ufw' && path === file);
  return later || started ? boot.by : undefined;
};

const overruled = ({id}: Setting, by: string): Block => ({
  id,
  reason: `${by} sets it after linerate’s own file and wins`,
  hint: 'change the value there, or take it out',
});

type Outcome = {contributions: readonly Contribution[]; blocks: readonly Block[]};

/** What a plan's settings give to the boot layer: those that are pending there, and those that linerate's files have. */
export const contributionsOf = (facts: Facts, settings: readonly Setting[]): Outcome => {
  const contributions: Contribution[] = [];
  const blocks: Block[] = [];
  for (const setting of settings) {
    const address = splitId(setting.id);
    const pending = setting.pending.includes('boot');
    if (!pending && !isOurs(facts, setting, address)) continue;
    const lasting = kindOf(address.kind)?.lasting?.(facts, address.rest, setting.want);
    if (lasting === undefined) blocks.push(nowhere(setting));
    else if (facts.os.init !== 'systemd' && NEEDS_SYSTEMD.has(lasting.to)) blocks.push(withoutSystemd(setting));
    else {
      const by = overruledBy(facts, setting, lasting);
      if (by === undefined) contributions.push({setting, lasting});
      else if (pending) blocks.push(overruled(setting, by));
    }
  }
  return {contributions, blocks};
};

/** Those of one destination, with its own type. */
export const goingTo = <To extends Lasting['to']>(
  to: To,
  contributions: readonly Contribution[],
): readonly Contribution<To>[] =>
  contributions.filter((one): one is Contribution & Contribution<To> => one.lasting.to === to);
