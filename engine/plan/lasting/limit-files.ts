import type {Facts} from '../../facts/facts.ts';
import {OWN} from '../../facts/own-files.ts';
import type {Contribution} from './contributions.ts';
import {withKept, type Entry} from './entries.ts';
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

const forServices = (facts: Facts, {key, value}: Entry): {key: string; value: string} => {
  if (key === 'nofile') return {key: 'DefaultLimitNOFILE', value: `${softDescriptors(facts)}:${infinite(value)}`};
  return {key: 'DefaultLimitMEMLOCK', value: value === 'unlimited' ? 'infinity' : `${value}K`};
};

const before = ({limits}: Facts): readonly Entry[] =>
  limits.configured
    .filter(({at, domain}) => domain === '*' && at.startsWith(`${OWN.limits}:`))
    .map(({item, value}) => ({key: item, value, comment: 'as before'}));

/** limits.d for logins (a soft limit of descriptors stays as it is), and systemd's defaults for services. */
export const limitFiles = (
  facts: Facts,
  templates: FileTemplates,
  contributions: readonly Limit[],
): readonly LastingFile[] => {
  if (contributions.length === 0) return [];
  const carries = idsOf(contributions);
  const limits = withKept(
    contributions.map(({setting, lasting}) => ({key: lasting.item, value: lasting.value, comment: commentOf(setting)})),
    before(facts),
  );
  const sessions = limits.map(({key, value, comment}) => ({
    comment,
    kind: key === 'nofile' ? 'hard' : '-',
    item: key,
    value,
  }));
  const file = (path: string, name: string, values: unknown, why: string): LastingFile => ({
    path,
    text: rendered(templates, name, {limits: values}),
    mode: 0o644,
    carries,
    why,
  });
  const logins = file(OWN.limits, 'limits.conf', sessions, 'limits of logins');
  if (facts.os.init !== 'systemd') return [logins];
  const services = limits.map((limit) => ({comment: limit.comment, ...forServices(facts, limit)}));
  return [logins, file(OWN.defaultLimits, 'system.conf', services, 'limits of services')];
};
