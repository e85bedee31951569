import {PLAIN_ASSIGNMENT} from './sysctl-lines.ts';
import {ETHTOOL_WORDS, LINK_MODE, RULE_WORDS, SCRIPT_WORDS} from './tuning-words.ts';

/** What kind of file sets something that linerate plans. */
export type TuningFileKind =
  | 'link'
  | 'netplan'
  | 'ifupdown'
  | 'rc.local'
  | 'networkmanager'
  | 'udev'
  | 'tmpfiles'
  | 'tuned'
  | 'ufw'
  | 'unit'
  | 'vendor'
  | 'cni';

/** Files to look through and what a line must look like (grep -E) to leave the host. */
export type TuningSource = {
  lines: string;
  /** Of each line only what matches leaves the host: these are scripts, and may hold anything. */
  words?: true;
  /** Absolute globs by kind. */
  files: readonly (readonly [TuningFileKind, readonly string[]])[];
};

const LINK_KEYS = [
  'OriginalName|Driver|Path|PermanentMACAddress|MACAddress|Type|Kind|Name|NamePolicy|MACAddressPolicy',
  '[A-Za-z0-9]*(MTUBytes|BufferSize|Channels|Coalesce|CoalescedFrames|CoalesceSec|Offload|OffloadHardware)',
  '[RT]x[A-Za-z]*Coalesce[A-Za-z]*|[RT]xMaxCoalesced[A-Za-z]*|CoalescePacketRate[A-Za-z]*|[RT]xFlowControl',
  '(TCP|TCP6|UDP)SegmentationOffload|NTupleFilter|TransmitQueue[A-Za-z]*|ReceiveQueues',
  'ReceivePacketSteeringCPUMask|SR-IOVVirtualFunctions|IPForward|IPv[46]Forwarding|IPv4ReversePathFilter',
].join('|');

const NETPLAN_KEYS = [
  'network|version|renderer|name|macaddress|driver|set-name|mtu|[a-z0-9-]+-offload|link|id|interfaces|mode',
  'virtual-function-count|embedded-switch-mode|match',
].join('|');
// Names of interfaces are keys with nothing after them. As deep as those of a file indented by four blanks stand the names
// of wireless networks in one indented by two: there only what looks like a wired interface's name leaves the host.
const NETPLAN_NAMES =
  '^ {0,6}[A-Za-z0-9_.-]+:[[:space:]]*$|^ {8}(e[mnt]|ib|bond|br|vlan|vrf|net|nic|lan|wan|p[0-9])[a-z0-9_.-]*:[[:space:]]*$';

const IFUPDOWN_WORDS = '([[:space:]]+[A-Za-z0-9_.*@/-]+)*';
const IFUPDOWN_KEYS = [
  'auto|allow-[a-z]+|iface|source|source-directory|no-auto-down|mapping|template',
  'mtu|txqueuelen|bond-(mode|slaves)|bridge[_-]ports|vlan[_-]raw[_-]device|link-(speed|duplex|autoneg)',
  'hardware-(dma-ring|irq-coalesce)-[a-z-]+|ethernet-pause-[a-z]+|offload-[a-z0-9-]+|[a-z]+-offload|ring-[rt]x',
  'ethtool-(dma-ring|coalesce|offload|pause)-[a-z0-9-]+|rx-vlan-filter',
].join('|');

const PROFILE_SECTIONS = 'connection|ethernet|802-3-ethernet|ethtool|match|device[^]]*';
const PROFILE_KEYS = [
  'id|uuid|type|interface-name|mtu|mac-address|controller|master|(feature|coalesce|ring|pause|channels)-[a-z0-9-]+',
].join('|');

const IFCFG_KEYS = 'DEVICE|NAME|TYPE|HWADDR|MTU|MASTER';
const IFCFG_OPTIONS = `ETHTOOL_OPT(S|IONS)=["']?([[:space:]]*;?[[:space:]]*(${ETHTOOL_WORDS}|${LINK_MODE}))*`;

const CNI_KEYS = 'name|type|mtu|master|mode|txQLen|sysctl|(net|vm|kernel|fs)[./][A-Za-z0-9_./-]+';

const START = '^[[:space:]]*';

/** Lines of /etc/network/interfaces and what it sources: keys and their words, and of commands the words that tune. */
export const IFUPDOWN_LINES = `${START}(${IFUPDOWN_KEYS})${IFUPDOWN_WORDS}|${START}(pre-|post-)?(up|down)[[:space:]]+|${SCRIPT_WORDS}`;

// What systemd itself ships in .network files is for containers and tunnels.
const networkd = [
  ...['/etc', '/run', '/usr/local/lib', '/usr/lib'].map((path) => `${path}/systemd/network/*.link`),
  ...['/etc', '/run', '/usr/local/lib'].flatMap((path) => [
    `${path}/systemd/network/*.network`,
    `${path}/systemd/network/*.netdev`,
  ]),
];

/**
 * Wi-Fi keys, 802.1X passwords and WireGuard keys stand in many of these files: a line leaves the host only when its
 * key is named here. A bound on its length keeps minified JSON out.
 */
export const TUNING_SOURCES: readonly TuningSource[] = [
  {
    lines: `${START}(\\[(Match|Link|Network|SR-IOV|NetDev)\\]|(${LINK_KEYS})[[:space:]]*=)`,
    files: [['link', networkd]],
  },
  {
    lines: `${START}(${NETPLAN_KEYS}):[^{]{0,120}$|${NETPLAN_NAMES}`,
    files: [['netplan', ['/etc/netplan/*.yaml', '/run/netplan/*.yaml', '/lib/netplan/*.yaml']]],
  },
  {
    lines: IFUPDOWN_LINES,
    words: true,
    files: [['ifupdown', ['/etc/network/interfaces']]],
  },
  {
    lines: `${START}(\\[(${PROFILE_SECTIONS})\\]|(${PROFILE_KEYS})=)`,
    files: [
      [
        'networkmanager',
        [
          '/etc/NetworkManager/system-connections/*',
          '/run/NetworkManager/system-connections/*',
          '/usr/lib/NetworkManager/system-connections/*',
          '/etc/NetworkManager/conf.d/*.conf',
        ],
      ],
    ],
  },
  {
    lines: `${START}((${IFCFG_KEYS})=.*|${IFCFG_OPTIONS})`,
    words: true,
    files: [['networkmanager', ['/etc/sysconfig/network-scripts/ifcfg-*', '/etc/sysconfig/network/ifcfg-*']]],
  },
  {
    lines: RULE_WORDS,
    words: true,
    files: [
      ['udev', ['/etc/udev/rules.d/*.rules', '/run/udev/rules.d/*.rules', '/usr/local/lib/udev/rules.d/*.rules']],
    ],
  },
  {
    lines: SCRIPT_WORDS,
    words: true,
    files: [
      ['ifupdown', ['/etc/network/if-pre-up.d/*', '/etc/network/if-up.d/*']],
      ['rc.local', ['/etc/rc.local', '/etc/rc.d/rc.local', '/etc/init.d/boot.local', '/etc/local.d/*.start']],
      ['networkmanager', ['/etc/NetworkManager/dispatcher.d/*']],
      ['unit', ['/etc/systemd/system/*.service', '/etc/systemd/system/*.service.d/*.conf']],
      ['vendor', ['/etc/cron.d/*', '/etc/networkd-dispatcher/*.d/*']],
    ],
  },
  {
    lines: `${START}w[^[:space:]]*[[:space:]]+/(sys|proc)/`,
    files: [['tmpfiles', ['/etc/tmpfiles.d/*.conf', '/run/tmpfiles.d/*.conf']]],
  },
  {
    lines: PLAIN_ASSIGNMENT,
    files: [['ufw', ['/etc/ufw/sysctl.conf']]],
  },
  {
    lines: `${START}"(${CNI_KEYS})"[[:space:]]*:.{0,120}$`,
    files: [['cni', ['/etc/cni/net.d/*.conf', '/etc/cni/net.d/*.conflist', '/etc/cni/net.d/*.json']]],
  },
];
