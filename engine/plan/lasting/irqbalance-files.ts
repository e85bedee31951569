import type {Facts} from '../../facts/facts.ts';
import {OWN} from '../../facts/own-files.ts';
import type {Contribution} from './contributions.ts';
import {idsOf, rendered, type FileTemplates, type LastingFile} from './lasting-file.ts';

type Ban = Contribution<'irqbalance'>;

const withBan = (given: string, {module, banned}: Ban['lasting']): string => {
  const others = given
    .replaceAll(new RegExp(String.raw`(^|\s)(?:--banmod[= ]|-m\s*)${module}(?=\s|$)`, 'g'), '$1')
    .replaceAll(/\s+/g, ' ')
    .trim();
  return banned ? `${others} --banmod=${module}`.trim() : others;
};

/** irqbalance's arguments with these bans, in a file that its unit reads after the administrator's. */
export const irqbalanceFiles = (
  facts: Facts,
  templates: FileTemplates,
  contributions: readonly Ban[],
): readonly LastingFile[] => {
  if (contributions.length === 0) return [];
  const given = (facts.services.irqbalance?.arguments ?? '').replaceAll(/["\\$`]/g, '');
  const text = contributions.reduce((all, {lasting}) => withBan(all, lasting), given);
  const carries = idsOf(contributions);
  const why = 'irqbalance leaves the interrupts of these drivers alone';
  return [
    {path: OWN.irqbalance, text: rendered(templates, 'irqbalance.env', {arguments: text}), mode: 0o644, carries, why},
    {
      path: OWN.irqbalanceDropIn,
      text: rendered(templates, 'irqbalance.conf', {file: OWN.irqbalance}),
      mode: 0o644,
      carries: [],
      why,
    },
  ];
};
