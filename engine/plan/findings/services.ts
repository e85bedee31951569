import type {Finding} from '../../model/setting.ts';
import {nicName} from '../disruption.ts';
import {STOPPED_BY_TAKE_OVER} from '../take-over.ts';
import type {Findable} from './findable.ts';

/** What a program that is running, or starts at boot, does to settings that a plan has. */
type Rival = {
  names: readonly string[];
  /** What it writes: ids of settings. */
  touches: (id: string) => boolean;
  code: string;
  message: (found: Findable, name: string) => string;
  hint: string;
};

const sysctlOf =
  (pattern: RegExp) =>
  (id: string): boolean =>
    id.startsWith('sysctl ') && pattern.test(id.slice('sysctl '.length));

const ROUTING = /^net\/(?:ipv[46]\/(?:ip_forward|conf\/|forwarding)|bridge\/|netfilter\/)/;

const RIVALS: readonly Rival[] = [
  {
    names: ['tuned'],
    code: 'tuned',
    touches: (id) => /^(?:sysctl|cpu|thp|boot|nic) /.test(id),
    message: ({facts}) => {
      const profile = facts.services.tunedProfile;
      return `TuneD is active${profile === undefined ? '' : ` with profile ${profile}`}: it sets its own values at boot and puts earlier ones back when it stops`;
    },
    hint: 'stop and disable tuned, or put these settings into a profile of its own; --take-over tuned has linerate stop it',
  },
  {
    names: ['power-profiles-daemon', 'cpupower', 'cpufrequtils', 'thermald'],
    code: 'power-daemon',
    touches: (id) => id === 'cpu governor',
    message: (_found, name) => `${name} sets the CPU governor too`,
    hint: 'keep one of the two',
  },
  {
    names: [
      'docker',
      'containerd',
      'crio',
      'lxd',
      'libvirtd',
      'virtqemud',
      'kubelet',
      'k3s',
      'rke2-server',
      'rke2-agent',
    ],
    code: 'container-network',
    touches: sysctlOf(ROUTING),
    message: (_found, name) =>
      `${name} and its network plugins set forwarding, bridge filtering, rp_filter or conntrack limits when they start`,
    hint: 'set these values where that program is configured, or apply after it has started',
  },
  {
    names: ['cloud-init'],
    code: 'cloud-init',
    touches: (id) => /^nic \S+ mtu$/.test(id),
    message: () => `cloud-init writes the network's configuration, MTU included, at every boot of a new instance`,
    hint: 'set the MTU in the cloud, or disable cloud-init’s network part',
  },
];

const started = ({facts}: Findable, names: readonly string[]): readonly string[] =>
  facts.services.services
    .filter(({name, active, enabled}) => names.includes(name) && (active || enabled === true))
    .map(({name}) => name);

const rivalFindings = (found: Findable, rival: Rival): readonly Finding[] => {
  const touched = found.settings.some((setting) => rival.touches(setting.id));
  const names = touched ? started(found, rival.names) : [];
  return names.map((name) => {
    const isAllowed = found.variables.takeOver.includes(name);
    const isStopped = isAllowed && STOPPED_BY_TAKE_OVER.includes(name);
    return {
      code: rival.code,
      grade: isAllowed ? 'notice' : 'conflict',
      about: name,
      message: rival.message(found, name),
      hint: isStopped ? 'an apply stops and disables it first, and then plans the host anew' : rival.hint,
    };
  });
};

/** irqbalance moves pinned interrupts back every ten seconds, unless the plan stops it or bans them. */
const irqbalance = (found: Findable): readonly Finding[] => {
  const dealt = found.settings.some(({id}) => id.startsWith('service irqbalance'));
  const pinned = new Set(found.settings.flatMap(({id}) => (id.startsWith('irq ') ? [nicName(id) ?? ''] : [])));
  if (dealt || pinned.size === 0 || started(found, ['irqbalance']).length === 0) return [];
  return [
    {
      code: 'irqbalance',
      grade: 'conflict',
      about: 'irqbalance',
      message: `irqbalance will move the pinned interrupts of ${[...pinned].join(', ')} within ten seconds`,
      hint: 'let the plan ban them or stop it: linerate_settings: {rule irqbalance: ban}',
      source: 'irqbalance(1)',
    },
  ];
};

/** Programs that fight for the settings of this plan. */
export const serviceFindings = (found: Findable): readonly Finding[] => [
  ...irqbalance(found),
  ...RIVALS.flatMap((rival) => rivalFindings(found, rival)),
];
