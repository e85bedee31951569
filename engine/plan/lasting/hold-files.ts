import type {Facts} from '../../facts/facts.ts';
import type {Nic} from '../../facts/nic.ts';
import {OWN} from '../../facts/own-files.ts';
import {heldNic, holdOf, identityLine, identityOf, type Hold} from '../../resources/hold.ts';
import type {Contribution} from './contributions.ts';
import {commented, idsOf, rendered, type FileTemplates, type LastingFile} from './lasting-file.ts';
import type {ModuleKeys} from './sysctl-files.ts';

type HostValue = Contribution<'host'>;
type NicValue = Contribution<'nic'>;

const HOST_ORDER = ['cpu smt', 'cpu governor', 'cpu max-idle-latency', 'thp', 'hugepages'];

// What resets or remakes what comes after it goes first.
const NIC_ORDER =
  'private mtu feature channels ring pause rss coalesce txqueuelen napi_defer_hard_irqs gro_flush_timeout threaded irq'.split(
    ' ',
  );

const rankIn = (order: readonly string[], key: string): number => {
  const place = order.findIndex(
    (prefix) => key === prefix || (/^[ .]/.test(key.slice(prefix.length)) && key.startsWith(prefix)),
  );
  return place < 0 ? order.length : place;
};

const ordered = <T extends HostValue | NicValue>(values: readonly T[], order: readonly string[]): readonly T[] =>
  values
    .map((value, index) => ({value, index, rank: rankIn(order, value.lasting.key)}))
    .sort((a, b) => a.rank - b.rank || a.index - b.index)
    .map(({value}) => value);

const lines = (values: readonly (HostValue | NicValue)[]) =>
  commented(values.map(({setting, lasting}) => ({setting, value: {key: lasting.key, value: lasting.value}})));

/** Values of NICs that this plan is not for (one that is down, or unplugged) stay as they are. */
const untouched = (hold: Hold, planned: readonly Nic[], facts: Facts): Hold['nics'] => {
  const replaced = new Set(planned.map((nic) => heldNic(hold, nic, facts.nics)));
  return hold.nics.filter((one) => !replaced.has(one));
};

type Section = {line: string; values: readonly {key: string; value: string; comment: string | null}[]};

const kept = (section: Hold['nics'][number]): Section => ({
  line: identityLine(section.identity),
  values: [...section.values].map(([key, {value}]) => ({key, value, comment: null})),
});

const unit = (templates: FileTemplates, path: string, why: string): LastingFile => ({
  path,
  text: rendered(templates, path.slice(path.lastIndexOf('/') + 1), {}),
  mode: 0o644,
  carries: [],
  why,
});

const present = ({services}: Facts, name: string): boolean => services.services.some((one) => one.name === name);

const willRun = ({services}: Facts, name: string): boolean =>
  services.services.some((one) => one.name === name && (one.active || one.enabled === true));

const hooks = (facts: Facts, templates: FileTemplates): readonly LastingFile[] => {
  const why = 'sets interrupts and queues again after a link came up';
  const files: LastingFile[] = [];
  if (willRun(facts, 'systemd-networkd')) files.push(unit(templates, OWN.upPath, why));
  const hook = (path: string, name: string): LastingFile => ({
    path,
    text: rendered(templates, name, {}),
    mode: 0o755,
    carries: [],
    why,
  });
  if (present(facts, 'NetworkManager')) files.push(hook(OWN.networkManagerHook, 'dispatcher'));
  const {files: others} = facts.services;
  if (present(facts, 'networking') || others.some(({path}) => path.startsWith('/etc/network/interfaces')))
    files.push(hook(OWN.ifupdownHook, 'if-up'));
  return files;
};

const udevRules = (
  templates: FileTemplates,
  sections: readonly Section[],
  modules: readonly ModuleKeys[],
): readonly LastingFile[] => {
  if (sections.length === 0 && modules.length === 0) return [];
  const nics = sections.map(({line}) => {
    const [, name = ''] = line.split(' ');
    return {name, pci: /(?<= pci=)\S+/.exec(line)?.[0] ?? null, mac: /(?<= mac=)\S+/.exec(line)?.[0] ?? null};
  });
  return [
    {
      path: OWN.udevRules,
      text: rendered(templates, 'udev.rules', {nics, modules}),
      mode: 0o644,
      carries: [],
      why: 'starts what sets a value when its NIC or module appears',
    },
  ];
};

/** The hold file with its script, units, rules and hooks; none of them where no value needs them. */
export const holdFiles = (
  facts: Facts,
  templates: FileTemplates,
  given: {
    host: readonly HostValue[];
    nics: readonly NicValue[];
    planned: readonly Nic[];
    modules: readonly ModuleKeys[];
  },
): readonly LastingFile[] => {
  const byNic = Map.groupBy(given.nics, ({lasting}) => lasting.nic);
  const sections: readonly Section[] = [
    ...given.planned.flatMap((nic) => {
      const values = byNic.get(nic.name);
      return values ? [{line: identityLine(identityOf(nic)), values: lines(ordered(values, NIC_ORDER))}] : [];
    }),
    ...untouched(holdOf(facts), given.planned, facts).map(kept),
  ];
  const rules = udevRules(templates, sections, given.modules);
  if (sections.length === 0 && given.host.length === 0) return rules;
  const host = lines(ordered(given.host, HOST_ORDER));
  const hold: LastingFile = {
    path: OWN.hold,
    text: rendered(templates, 'hold.conf', {host, nics: sections}),
    mode: 0o644,
    carries: idsOf([...given.host, ...given.nics]),
    why: `values that ${OWN.holdScript} sets at boot, when a NIC appears and after links came up`,
  };
  const script = {...unit(templates, OWN.holdScript, `sets what ${OWN.hold} says`), mode: 0o755};
  return [
    hold,
    script,
    ...(given.host.length === 0 ? [] : [unit(templates, OWN.hostUnit, 'sets values of the host at boot')]),
    ...(sections.length === 0
      ? []
      : [
          unit(templates, OWN.nicUnit, 'sets a NIC’s values when it appears'),
          unit(templates, OWN.upUnit, 'sets interrupts and queues again after links came up'),
          ...hooks(facts, templates),
        ]),
    ...rules,
  ];
};
