import type {Verified} from './verified.ts';

type Sample = {labels: Readonly<Record<string, string>>; value: number};
type Metric = {name: string; help: string; samples: readonly Sample[]};

const LAYERS = ['live', 'boot'] as const;

// Label values escape backslash, double quote and newline, and nothing else (Prometheus' text format 0.0.4).
const escaped = (text: string): string =>
  text
    .toWellFormed()
    .replaceAll('\\', String.raw`\\`)
    .replaceAll('"', String.raw`\"`)
    .replaceAll('\n', String.raw`\n`);

const sampleLine = (name: string, {labels, value}: Sample): string => {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`);
  return `${name}{${pairs.join(',')}} ${String(value)}`;
};

const metricsOf = (results: readonly Verified[]): readonly Metric[] => {
  const plans = results.flatMap((verified) => ('plan' in verified ? [verified] : []));
  return [
    {
      name: 'linerate_host_read',
      help: '1 where the host could be read, 0 where not.',
      samples: results.map((verified) => ({labels: {host: verified.host}, value: 'plan' in verified ? 1 : 0})),
    },
    {
      name: 'linerate_settings',
      help: 'Settings that the plan of the host has.',
      samples: plans.map(({host, plan}) => ({labels: {host}, value: plan.settings.length})),
    },
    {
      name: 'linerate_settings_blocked',
      help: 'Settings of the host that linerate refuses to touch.',
      samples: plans.map(({host, plan}) => ({labels: {host}, value: plan.blocks.length})),
    },
    {
      name: 'linerate_settings_drifted',
      help: 'Settings of the host that do not hold what is wanted: now (live), or after a reboot (boot).',
      samples: plans.flatMap(({host, plan}) =>
        LAYERS.map((layer) => ({
          labels: {host, layer},
          value: plan.settings.filter(({pending}) => pending.includes(layer)).length,
        })),
      ),
    },
    {
      name: 'linerate_setting_drifted',
      help: '1 for each setting that does not hold what is wanted; those that do have no sample.',
      samples: plans.flatMap(({host, plan}) =>
        plan.settings.flatMap(({id, pending}) =>
          pending.map((layer) => ({labels: {host, setting: id, layer}, value: 1})),
        ),
      ),
    },
  ];
};

/**
 * What `verify` found in Prometheus' text format, for the node exporter's textfile collector: counts for each host, and a
 * sample for each drifted setting. A metric without samples is left out.
 */
export const reportPrometheus = (results: readonly Verified[]): string =>
  metricsOf(results)
    .filter(({samples}) => samples.length > 0)
    .flatMap(({name, help, samples}) => [
      `# HELP ${name} ${help}`,
      `# TYPE ${name} gauge`,
      ...samples.map((sample) => sampleLine(name, sample)),
    ])
    .map((line) => `${line}\n`)
    .join('');
