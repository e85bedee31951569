import type {Facts} from '../../facts/facts.ts';
import {isOwnFile, OWN} from '../../facts/own-files.ts';
import type {Finding, Setting} from '../../model/setting.ts';
import {describeSetting} from '../describe.ts';
import type {Findable} from './findable.ts';

type File = Facts['services']['files'][number];

const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
const byArgument = ({boot}: Setting): boolean => / sysctl\./.test(boot.by ?? '');
const withoutLine = (at: string): string =>
  at
    .replace(/ sysctl\..*$/, '')
    .replace(/:\d+$/, '')
    .replace(/^TuneD, /, '');

/** Settings that a file will set otherwise at boot, by file; linerate's own are written anew. */
const otherwise = (settings: readonly Setting[], kinds: RegExp): ReadonlyMap<string, readonly Setting[]> => {
  const byFile = new Map<string, Setting[]>();
  for (const setting of settings) {
    const {by} = setting.boot;
    if (!kinds.test(setting.id) || by === undefined || !by.includes('/') || !setting.pending.includes('boot')) continue;
    const file = withoutLine(by);
    if (isOwnFile(file)) continue;
    byFile.set(file, [...(byFile.get(file) ?? []), setting]);
  }
  return byFile;
};

const listed = (settings: readonly Setting[]): string => {
  const names = settings.map(({id, boot}) => {
    const held = typeof boot.held === 'object' && 'value' in boot.held ? ` = ${boot.held.value}` : '';
    const {subject, label} = describeSetting(id);
    return `${subject === '' ? '' : `${subject} `}${label}${held}`;
  });
  return names.length <= 3 ? names.join(', ') : `${names.slice(0, 3).join(', ')} and ${String(names.length - 3)} more`;
};

const sysctlFile = (file: string, settings: readonly Setting[]): Finding => {
  // The kernel's own arguments are written before any file is read.
  const wins = !settings.every(byArgument) && (!file.includes('/sysctl.d/') || baseName(file) > baseName(OWN.sysctls));
  return {
    code: wins ? 'sysctl-file-wins' : 'sysctl-file-differs',
    grade: wins ? 'conflict' : 'notice',
    about: file,
    message: `${file} sets ${listed(settings)} otherwise at boot${wins ? ', after or beside sysctl.d, and wins over it' : ''}`,
    hint: wins
      ? 'take these lines out of the file'
      : `${OWN.sysctls} will win over it; take these lines out to have one place`,
    source: 'sysctl.d(5)',
  };
};

const nicFile = (file: string, settings: readonly Setting[]): Finding => ({
  code: 'nic-file-differs',
  grade: 'conflict',
  about: file,
  message: `${file} sets ${listed(settings)} whenever the interface comes up`,
  hint: 'change it there, or take it out',
});

const SCRIPT_KINDS: Readonly<Partial<Record<File['kind'], string>>> = {
  ifupdown: 'an ifupdown hook',
  'rc.local': 'a boot script',
  udev: 'a udev rule',
  vendor: 'a vendor’s script',
  unit: 'a unit',
  tmpfiles: 'a tmpfiles.d file',
  cni: 'a CNI configuration',
};

const BY_ETHTOOL = 'NIC settings by ethtool';

// What a script writes, and the settings of a plan that this touches.
const WRITES: readonly (readonly [text: RegExp, touches: RegExp, what: string])[] = [
  [/smp_affinity|set_irq_affinity/, /^irq /, 'interrupt affinity'],
  [/rps_cpus|rps_flow_cnt|xps_cpus/, /^queue /, 'RPS, RFS or XPS'],
  [/\bethtool\s+-(?:[A-Z]|-(?:set-|coalesce|features|offload|pause|rxfh))/, /^(?:nic|rss) /, BY_ETHTOOL],
  [/\bsysctl\b.*=|\/proc\/sys\//, /^sysctl /, 'sysctls'],
  [/scaling_governor|cpupower/, /^cpu governor/, 'the CPU governor'],
  [
    /"(?:type|name)"\s*:/,
    /^sysctl net\/(?:ipv[46]\/(?:ip_forward|conf\/)|bridge\/)/,
    'forwarding, rp_filter or bridge filtering',
  ],
  [/transparent_hugepage/, /^thp /, 'transparent hugepages'],
];

/** `told`: files of which another finding says already what they set by ethtool. */
const scriptFinding = (file: File, settings: readonly Setting[], told: ReadonlySet<string>): readonly Finding[] => {
  const kind = SCRIPT_KINDS[file.kind];
  if (kind === undefined) return [];
  const what = WRITES.flatMap(([text, touches, name]) =>
    text.test(file.text) && settings.some(({id}) => touches.test(id)) ? [name] : [],
  ).filter((name) => name !== BY_ETHTOOL || !told.has(file.path));
  if (what.length === 0) return [];
  const message = `${kind}, ${file.path}, sets ${what.join(' and ')} too`;
  return [
    {
      code: 'script',
      grade: 'conflict',
      about: file.path,
      message,
      hint: 'take out what the plan sets, or leave it to the script',
    },
  ];
};

/** Files of this host that set what the plan sets. */
export const fileFindings = ({facts, settings}: Findable): readonly Finding[] => {
  const nicFiles = otherwise(settings, /^nic /);
  const told = new Set(nicFiles.keys());
  return [
    ...[...otherwise(settings, /^sysctl /)]
      .filter(([file]) => !file.endsWith('/tuned.conf'))
      .map(([file, differing]) => sysctlFile(file, differing)),
    ...[...nicFiles].map(([file, differing]) => nicFile(file, differing)),
    ...facts.services.files
      .toSorted((a, b) => (a.path < b.path ? -1 : 1))
      .flatMap((file) => scriptFinding(file, settings, told)),
  ];
};
