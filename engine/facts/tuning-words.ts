/**
 * What of a script's line may leave the host, as grep's extended expressions: commands that tune, with the words that
 * such a command takes, and nothing else. A password beside, before or behind them stays where it is.
 */

// A name, a number or a variable; what follows a colon, an @, an = or a slash stays on the host.
const NAME = `["']?[$%A-Za-z0-9_.{}*-]+["']?`;
const VALUE = `(on|off|max|auto|[0-9]+|["']?[$][{]?[A-Za-z0-9_]+[}]?["']?)`;
const B = '[[:space:]]+';

/** `rx 4096`, `gro off`: what ethtool's verbs take; a key (`sopass`, `hkey`) is no such value. */
const PAIRS = `(${B}[A-Za-z][A-Za-z0-9_-]*${B}${VALUE})*`;

const VERBS = [
  '-[GLCKA]',
  '--(set-ring|set-channels|coalesce|features|offload|pause|set-priv-flags)',
  '-[XNUQs]',
  '--(change|set-rxfh-indir|rxfh|config-nfc|config-ntuple|per-queue|set-rxfh)',
].join('|');

/** What follows `ethtool` when it sets something. */
export const ETHTOOL_WORDS = `(${VERBS})${B}${NAME}(${B}(equal|weight|default|start))*(${B}[0-9]+)*${PAIRS}`;

/** What `ethtool -s` sets of a link; its other words are keys of Wake-on-LAN. */
export const LINK_MODE = `(-s${B}${NAME}${B})?(autoneg|speed|duplex|port|advertise)${B}[A-Za-z0-9]+`;

const KEY = '-?[a-z][a-z0-9_]*([./][A-Za-z0-9_.:/$*{}-]+)+';
// An address or a key with dashes is cut off at its first sign: what is left of it is worth nothing.
const SETTING = `["']?[0-9]+([[:space:]]+[0-9]+)*["']?|["']?[a-z_]+["']?|${VALUE}`;
const SYSCTL = `sysctl(${B}-[A-Za-z-]+)*(${B}["']?${KEY}["']?[[:space:]]*=[[:space:]]*(${SETTING})["']?)*`;

const PLACES = '/(proc/(sys|irq)|sys/(class/net|kernel/mm|module|devices/system))/[A-Za-z0-9_./$*{}:"-]+';
const WRITTEN = `["']?([0-9a-fA-F,]+|[0-9, -]+|[a-z_]+|[$][{]?[A-Za-z0-9_]+[}]?)["']?`;
const INTO = `(>>?|[|][[:space:]]*(sudo${B})?tee(${B}-a)?)`;
const ECHO = `(echo|printf)(${B}-[neE]+)*${B}${WRITTEN}[[:space:]]*${INTO}[[:space:]]*["']?${PLACES}`;

const LINK = `(mtu|txqueuelen|txqlen|gso_max_size|gro_max_size)${B}${VALUE}`;
const STATE = `(${B}(up|down))*`;
const IP = `ip(${B}-[a-z0-9]+)*${B}l[ink]*${B}set(${B}(dev${B})?${NAME})?${STATE}(${B}${LINK})+(${B}dev${B}${NAME})?`;

/** A comment begins: what comes behind it on the same line is not run. */
const COMMENT = '(^|[[:space:]])#';

const INTERFACE = `["']?[$][{]?(IFACE|INTERFACE|DEVICE_IFACE|DEVICE|1)[}]?["']?`;
/** For which interface a hook goes on: `[ "$IFACE" = eth0 ]`, `case $1 in`. */
const GUARD = `(\\[+${B}${INTERFACE}${B}(=|==|!=|=~)${B}${NAME}([[:space:]]*\\]+)?|case${B}${INTERFACE}${B}in)`;

/** The words of any script that tunes. */
export const SCRIPT_WORDS = [
  COMMENT,
  GUARD,
  `ethtool${B}${ETHTOOL_WORDS}`,
  SYSCTL,
  ECHO,
  PLACES,
  IP,
  `ifconfig${B}${NAME}${STATE}(${B}${LINK})+`,
  `tuned-adm${B}profile${B}${NAME}`,
  `cpupower(${B}(frequency-set|idle-set|-[A-Za-z]+|[0-9]+|performance|powersave|ondemand|schedutil|conservative))+`,
  `tc${B}qdisc${B}[a-z]+(${B}dev${B}${NAME})?(${B}root)?`,
  'set_irq_affinity[A-Za-z0-9_.-]*',
  'smp_affinity(_list)?|rps_cpus|rps_flow_cnt|xps_cpus|scaling_governor',
].join('|');

const ATTRIBUTES = 'mtu|tx_queue_len|gro_flush_timeout|napi_defer_hard_irqs|threaded|queues/[^}]*|device/sriov_numvfs';
const MATCHES = 'KERNEL|NAME|SUBSYSTEM|ACTION|DRIVERS?|ATTRS?[{]address[}]|ENV[{](INTERFACE|ID_NET_DRIVER)[}]';

/** The words of a udev rule that tunes, with those of its conditions that tell which interface it is for. */
export const RULE_WORDS = `(${MATCHES})[!=]="[^"]{0,80}"|ATTR[{](${ATTRIBUTES})[}][+]?="[^"]{0,80}"|${SCRIPT_WORDS}`;
