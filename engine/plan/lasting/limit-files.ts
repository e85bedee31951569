import type {Facts} from '../../facts/facts.ts';
import {OWN} from '../../facts/own-files.ts';
import type {Contribution} from './contributions.ts';
import {commentOf, idsOf, rendered, type FileTemplates, type LastingFile} from './lasting-file.ts';

type Limit = Contribution<'limit'>;

// systemd's own soft limit since 240 (NEWS): programs that use select() cannot bear more than 1024 descriptors.
const SOFT_DESCRIPTORS = '1024';

/** The soft limit of descriptors that the administrator gave to services. */
const softDescriptors = ({limits}: Facts): string =>
  limits.configured.findLast(
    ({domain, item, kind}) => domain === 'systemd' && item === 'LimitNOFILE' && kind !== 'hard',
  )?.value ?? SOFT_DESCRIPTORS;

const infinite = (value: string): string => (value === 'unlimited' ? 'infinity' : value);

const forServices = (facts: Facts, {item, value}: Limit['lasting']): {key: string; value: string} => {
  if (item === 'nofile') return {key: 'DefaultLimitNOFILE', value: `${softDescriptors(facts)}:${infinite(value)}`};
  return {key: 'DefaultLimitMEMLOCK', value: value === 'unlimited' ? 'infinity' : `${value}K`};
};

/** limits.d for logins (a soft limit of descriptors stays as it is), and systemd's defaults for services. */
export const limitFiles = (
  facts: Facts,
  templates: FileTemplates,
  contributions: readonly Limit[],
): readonly LastingFile[] => {
  if (contributions.length === 0) return [];
  const carries = idsOf(contributions);
  const sessions = contributions.map(({setting, lasting}) => ({
    comment: commentOf(setting),
    kind: lasting.item === 'nofile' ? 'hard' : '-',
    item: lasting.item,
    value: lasting.value,
  }));
  const file = (path: string, name: string, limits: unknown, why: string): LastingFile => ({
    path,
    text: rendered(templates, name, {limits}),
    mode: 0o644,
    carries,
    why,
  });
  const logins = file(OWN.limits, 'limits.conf', sessions, 'limits of logins');
  if (facts.os.init !== 'systemd') return [logins];
  const services = contributions.map(({setting, lasting}) => ({
    comment: commentOf(setting),
    ...forServices(facts, lasting),
  }));
  return [logins, file(OWN.defaultLimits, 'system.conf', services, 'limits of services')];
};
