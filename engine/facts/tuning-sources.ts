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
  /** Absolute globs by kind. */
  files: readonly (readonly [TuningFileKind, readonly string[]])[];
};

// Whatever a script may tune with.
const COMMANDS = [
  'ethtool ',
  'sysctl',
  '/proc/(sys|irq)/',
  'smp_affinity',
  'set_irq_affinity',
  '/sys/(class/net|kernel/mm|module|devices/system)/',
  'ip link set .*(mtu|txqueuelen)',
  'tuned-adm',
  'cpupower',
  'tc qdisc',
].join('|');

const LINK_KEYS = [
  'OriginalName|Driver|Path|PermanentMACAddress|MACAddress|Type|Kind|Name|NamePolicy|MACAddressPolicy',
  '[A-Za-z0-9]*(MTUBytes|BufferSize|Channels|Coalesce|CoalescedFrames|CoalesceSec|Offload|OffloadHardware)',
  '[RT]x[A-Za-z]*Coalesce[A-Za-z]*|[RT]xMaxCoalesced[A-Za-z]*|CoalescePacketRate[A-Za-z]*|[RT]xFlowControl',
  '(TCP|TCP6|UDP)SegmentationOffload|NTupleFilter|TransmitQueue[A-Za-z]*|ReceiveQueues',
  'ReceivePacketSteeringCPUMask|SR-IOVVirtualFunctions|IPForward|IPv[46]Forwarding|IPv4ReversePathFilter',
].join('|');

const NETPLAN_KEYS = [
  'network|version|renderer|name|macaddress|driver|set-name|mtu|[a-z0-9-]+-offload|link|id|interfaces|mode',
  'virtual-function-count|embedded-switch-mode',
].join('|');

const IFUPDOWN_KEYS = [
  'auto|allow-[a-z]+|iface|source|source-directory|mtu|hardware-[a-z0-9-]+|ethernet-[a-z0-9-]+|offload-[a-z0-9-]+',
  'link-(speed|duplex|autoneg)|bond-(mode|slaves)|bridge[_-]ports|vlan[_-]raw[_-]device',
].join('|');

const PROFILE_SECTIONS = 'connection|ethernet|802-3-ethernet|ethtool|match|device[^]]*';
const PROFILE_KEYS = [
  'id|uuid|type|interface-name|mtu|mac-address|controller|master|(feature|coalesce|ring|pause|channels)-[a-z0-9-]+',
  'DEVICE|NAME|TYPE|HWADDR|MTU|ETHTOOL_OPTS|MASTER',
].join('|');

const DEVICE_ATTRIBUTES =
  'mtu|tx_queue_len|gro_flush_timeout|napi_defer_hard_irqs|threaded|queues/|device/sriov_numvfs';

const CNI_KEYS = 'name|type|mtu|master|mode|txQLen|sysctl|(net|vm|kernel|fs)[./][A-Za-z0-9_./-]+';

const START = '^[[:space:]]*';

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
    // Beside the known keys, names of interfaces: keys at most six blanks deep with nothing after them.
    lines: `${START}(${NETPLAN_KEYS}):[^"]{0,120}$|^ {0,6}[A-Za-z0-9_.-]+:[[:space:]]*$`,
    files: [['netplan', ['/etc/netplan/*.yaml', '/run/netplan/*.yaml', '/lib/netplan/*.yaml']]],
  },
  {
    lines: `${START}((${IFUPDOWN_KEYS})[[:space:]]|(pre-|post-)?(up|down)[[:space:]].*(${COMMANDS}))`,
    files: [['ifupdown', ['/etc/network/interfaces', '/etc/network/interfaces.d/*']]],
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
          '/etc/sysconfig/network-scripts/ifcfg-*',
        ],
      ],
    ],
  },
  {
    lines: `^[^#]*(${COMMANDS}|ATTR.(${DEVICE_ATTRIBUTES}))`,
    files: [
      ['udev', ['/etc/udev/rules.d/*.rules', '/run/udev/rules.d/*.rules', '/usr/local/lib/udev/rules.d/*.rules']],
      ['ifupdown', ['/etc/network/if-pre-up.d/*', '/etc/network/if-up.d/*']],
      ['rc.local', ['/etc/rc.local', '/etc/rc.d/rc.local', '/etc/init.d/boot.local', '/etc/local.d/*.start']],
      ['networkmanager', ['/etc/NetworkManager/dispatcher.d/*']],
      ['unit', ['/etc/systemd/system/*.service', '/etc/systemd/system/*.service.d/*.conf']],
      ['vendor', ['/etc/cron.d/*', '/etc/networkd-dispatcher/*.d/*']],
    ],
  },
  {
    lines: `${START}(w[^[:space:]]*[[:space:]]+/(sys|proc)/|(net|kernel|vm|fs)[/.][^=]*=)`,
    files: [
      ['tmpfiles', ['/etc/tmpfiles.d/*.conf', '/run/tmpfiles.d/*.conf']],
      ['ufw', ['/etc/ufw/sysctl.conf']],
    ],
  },
  {
    lines: `${START}"(${CNI_KEYS})"[[:space:]]*:.{0,120}$`,
    files: [['cni', ['/etc/cni/net.d/*.conf', '/etc/cni/net.d/*.conflist', '/etc/cni/net.d/*.json']]],
  },
];
