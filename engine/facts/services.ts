import type {Fact} from './fact.ts';
import {type Frames, textOf} from './frames.ts';
import {linesOf} from './merged-files.ts';
import {initOf, shellAssignments} from './os.ts';
import {OWN, OWN_FILES_SCRIPT, type OwnFiles, isOwnFile, ownFiles} from './own-files.ts';
import {present} from './present.ts';
import {TUNING_FILES_SCRIPT, type TuningFile, tuningFiles} from './tuning-files.ts';

export type {TuningFile} from './tuning-files.ts';

export type ServiceState = {
  name: string;
  active: boolean;
  /** Started at boot. */
  enabled?: boolean;
};

/** Programs and files that also write what linerate plans. */
export type Services = {
  /** Of a fixed list (irqbalance, tuned, NetworkManager, ufw, docker, kubelet …), those installed or running. */
  services: readonly ServiceState[];
  /** Set when its options file is there; the CPUs it leaves alone as a list, or as the older hexadecimal mask. */
  irqbalance?: {
    bannedCpus?: string;
    arguments?: string;
    at?: string;
    /** What it is run with until the next boot instead, where linerate has said so. */
    liveArguments?: string;
  };
  tunedProfile?: string;
  /** systemd .link files, netplan, ifupdown hooks, rc.local, NetworkManager profiles, CNI …: path and what it sets. */
  files: readonly TuningFile[];
  /** What linerate itself left on the host to make values last. */
  own?: OwnFiles;
};

const SERVICES = [
  'irqbalance tuned thermald power-profiles-daemon cpupower cpufrequtils',
  'NetworkManager systemd-networkd networking network wicked connman cloud-init rc-local',
  'ufw firewalld nftables iptables netfilter-persistent openvswitch-switch ovs-vswitchd',
  'docker containerd crio lxd libvirtd virtqemud kubelet k3s rke2-server rke2-agent',
].flatMap((names) => names.split(' '));

// A command's name is cut to 15 characters in comm, and some are not called like their service.
const COMMANDS: Readonly<Record<string, string>> = {dockerd: 'docker', 'k3s-server': 'k3s'};

/** A drop-in's variables, which systemd reads after those of irqbalance's own file; gone with the next boot. */
export const IRQBALANCE_LIVE = '/run/systemd/system/irqbalance.service.d/linerate.env';

const COMMAND_NAMES = [...SERVICES.map((name) => name.slice(0, 15)), ...Object.keys(COMMANDS)];

// While a unit is not inactive, systemd keeps a link named after it in /run/systemd/units, for everyone to see
// (unit_export_invocation_id() in src/core/unit.c): asking systemctl costs a hundred times as much. Without it, the
// commands that run are looked at.
const SCRIPT = `known=' ${SERVICES.join(' ')} '
set --
masked=
for s in $known; do
  set -- "$@" "/run/systemd/units/invocation:$s.service" "/etc/systemd/system/$s.service"
  set -- "$@" "/usr/lib/systemd/system/$s.service" "/lib/systemd/system/$s.service" "/etc/init.d/$s"
  [ ! -c "$R/etc/systemd/system/$s.service" ] || masked="$masked $s"
done
e services "$@"
say services-masked "$masked"
started=
for p in "$R"/etc/systemd/system/*.wants/*.service; do
  s=\${p##*/}
  s=\${s%.service}
  case $known in *" $s "*) started="$started $s" ;; esac
done
say services-wanted "$started"
started=
for p in "$R"/etc/rc[2-5].d/S[0-9][0-9]* "$R"/etc/runlevels/*/*; do
  s=\${p##*/}
  s=\${s#S[0-9][0-9]}
  case $known in *" $s "*) started="$started $s" ;; esac
done
say services-in-run-levels "$started"
[ -d "$R/run/systemd/units" ] || w '^(${COMMAND_NAMES.join('|')})$' '/proc/[0-9]*/comm'
f /etc/tuned/active_profile
w '^[[:space:]]*(export[[:space:]]+)?(IRQBALANCE_[A-Z_]+|OPTIONS)=' /etc/default/irqbalance /etc/sysconfig/irqbalance ${IRQBALANCE_LIVE}
${TUNING_FILES_SCRIPT}
${OWN_FILES_SCRIPT}`;

const nameOf = (path: string): string => path.replace(/^.*\/(?:invocation:)?/, '').replace(/\.service$/, '');

/** Names of services that a running command tells of. */
const runningCommands = (frames: Frames): ReadonlySet<string> => {
  const found = [...frames.files].filter(([path]) => /^\/proc\/\d+\/comm$/.test(path)).map(([, text]) => text.trim());
  return new Set(
    found.map((command) => COMMANDS[command] ?? SERVICES.find((name) => name.slice(0, 15) === command) ?? ''),
  );
};

const said = (frames: Frames, name: string): ReadonlySet<string> =>
  new Set((frames.runs.get(name)?.output ?? '').split(' '));

const servicesOf = (frames: Frames): readonly ServiceState[] => {
  const paths = frames.lists.get('services') ?? [];
  const running = runningCommands(frames);
  const active = new Set(paths.filter((path) => path.includes('/invocation:')).map(nameOf));
  // On systemd machines the links of System V run levels are left-overs that nothing reads.
  const started = said(frames, initOf(frames) === 'systemd' ? 'services-wanted' : 'services-in-run-levels');
  const masked = said(frames, 'services-masked');
  const found = new Set([...paths.map(nameOf), ...started, ...running]);
  return SERVICES.filter((name) => found.has(name)).map((name) => ({
    name,
    active: active.has(name) || running.has(name),
    enabled: started.has(name) && !masked.has(name),
  }));
};

const OPTION_FILES = ['/etc/default/irqbalance', '/etc/sysconfig/irqbalance'];

const irqbalanceOf = (frames: Frames, own: OwnFiles | undefined): Services['irqbalance'] => {
  const added = own?.texts[OWN.irqbalance];
  const given = OPTION_FILES.find((path) => frames.files.has(path));
  const at = added === undefined ? given : OWN.irqbalance;
  if (at === undefined) return undefined;
  // The unit reads linerate's own file last, so that it wins.
  const lines = given === undefined ? [] : linesOf(frames, given).map(({text}) => text);
  const set = shellAssignments([...lines, added ?? ''].join('\n'));
  return present({
    at,
    bannedCpus: set['IRQBALANCE_BANNED_CPULIST'] ?? set['IRQBALANCE_BANNED_CPUS'],
    arguments: set['IRQBALANCE_ARGS'] ?? set['OPTIONS'],
  });
};

const parse = (frames: Frames): Services => {
  const own = ownFiles(frames);
  return present({
    services: servicesOf(frames),
    irqbalance: irqbalanceOf(frames, own),
    tunedProfile: textOf(frames, '/etc/tuned/active_profile') || undefined,
    files: tuningFiles(frames).filter(({path}) => !isOwnFile(path)),
    own,
  });
};

export const services: Fact<Services> = {name: 'services', script: () => SCRIPT, parse};
