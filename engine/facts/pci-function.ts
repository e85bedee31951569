import {sayAsked} from './asked.ts';
import {present} from './present.ts';

/** Another function of the same IOMMU group: what one of them may reach, all may. */
export type GroupMember = {address: string; class: string; driver?: string};

/** One PCI function, as a change of its driver must know it. */
export type FunctionState = {
  /** `8086:1592`. */
  ids: string;
  /** `0x020000`: base class, sub-class, interface. */
  class: string;
  /** Absent while no driver holds it. */
  driver?: string;
  /** The only driver that may take it; absent where any that knows its ids may. */
  override?: string;
  /** `noIommu`: a group that vfio made up, which protects nothing. `type`: `identity`, `DMA`, `DMA-FQ` (since 5.11). */
  group?: {number: string; noIommu: boolean; type?: string};
  members: readonly GroupMember[];
  virtualFunction: boolean;
  /** Whether it has a legacy interrupt line; undefined where its configuration could not be read. */
  legacyInterrupt?: boolean;
  /** The value that it was looked at for. */
  wanted: string;
  /** Whether the driver for that is there or can be loaded. */
  available: boolean;
  /** vfio's switch for work without an IOMMU; absent where vfio is not loaded, or cannot do that. */
  noIommuSwitch?: boolean;
  /** A process that has the function open through vfio or uio. */
  user?: number;
  /** The driver that driverctl gives it at boot. */
  driverctl?: string;
};

/**
 * sh functions that find a process which has a function open, by the names of the nodes: a container has nodes of its own.
 * `nodes_of DIR` names the nodes of a function; `user_of NODE…` prints a process's number.
 */
export const USER_OF = String.raw`nodes_of() {
  for node in "$1"/vfio-dev/*; do [ ! -e "$node" ] || printf '/dev/vfio/devices/%s ' "${'$'}{node##*/}"; done
  for node in "$1"/uio/*; do [ ! -e "$node" ] || printf '/dev/%s ' "${'$'}{node##*/}"; done
  [ -e "$1/iommu_group" ] || return 0
  node=$(cd -P "$1/iommu_group" && pwd)
  for node in "/dev/vfio/${'$'}{node##*/}" "/dev/vfio/noiommu-${'$'}{node##*/}"; do [ ! -e "$node" ] || printf '%s ' "$node"; done
}
user_of() {
  for node do
    shift
    set -- "$@" -e "\\,-> $node\$,{g;s,^/proc/\\([0-9]*\\)/.*,\\1,p;q;}"
  done
  # shellcheck disable=SC2012 # its lines are looked at one by one, and busybox's find has no -lname
  [ $# -eq 0 ] || ls -l /proc/[0-9]*/fd 2>/dev/null | sed -n -e '/^\/proc\//h' "$@"
}`;

// Runs in a subshell of its own, so that it may change folders.
const SCRIPT = String.raw`
${USER_OF}
tell() { [ ! -r "$2" ] || { value= && read -r value <"$2"; printf '%s %s\n' "$1" "$value"; } 2>/dev/null; }
lead() { [ ! -e "$2" ] || printf '%s %s\n' "$1" "$(cd -P "$2" && printf %s "${'$'}{PWD##*/}")"; }
state() {
  d=/sys/bus/pci/devices/$1
  [ -z "$R" ] && [ -e "$d" ] || return 0
  tell vendor "$d/vendor"
  tell device "$d/device"
  tell class "$d/class"
  tell override "$d/driver_override"
  lead driver "$d/driver"
  lead group "$d/iommu_group"
  tell group-name "$d/iommu_group/name"
  tell group-type "$d/iommu_group/type"
  for m in "$d"/iommu_group/devices/*; do
    [ -e "$m" ] && [ "${'$'}{m##*/}" != "$1" ] || continue
    printf 'member %s ' "${'$'}{m##*/}"
    tell class "$m/class"
    lead holder "$m/driver"
  done
  [ ! -e "$d/physfn" ] || echo virtual-function
  # The interrupt pin of the configuration space (PCI_INTERRUPT_PIN of pci_regs.h).
  [ ! -r "$d/config" ] || printf 'pin %s\n' $(od -An -tu1 -j61 -N1 "$d/config" 2>/dev/null)
  [ ! -r "/etc/driverctl.d/$1" ] || tell driverctl "/etc/driverctl.d/$1"
  held=$(lead driver "$d/driver")
  held=${'$'}{held#driver }
  printf 'wanted %s\n' "$2"
  case $3 in
    '' | "$held") echo available ;;
    *) { [ -d "/sys/bus/pci/drivers/$3" ] || modprobe -n -q -- "$3"; } 2>/dev/null </dev/null && echo available ;;
  esac
  switch=/sys/module/vfio/parameters/enable_unsafe_noiommu_mode
  if [ -e "$switch" ]; then
    tell no-iommu "$switch"
  elif [ "$2" != "$3" ] && [ ! -d /sys/module/vfio ] && modinfo -F parm vfio 2>/dev/null </dev/null | grep -q noiommu; then
    echo 'no-iommu N'
  fi
  case $held in
    "$3") ;;
    *vfio* | *uio*) printf 'user %s\n' $(user_of $(nodes_of "$d")) ;;
  esac
}`;

const quoted = (word: string): string => `'${word.replaceAll("'", '')}'`;

/**
 * sh text, in the probe's functions, that says a function's state as the answer of `id`; `want` is the value that it is
 * looked at for, `module` what must be loaded for that, if anything.
 */
export const functionScript = (id: string, address: string, want: string, module: string): string =>
  `${SCRIPT}\n${sayAsked(id, `"$(state ${[address, want, module].map(quoted).join(' ')})"`)}`;

const membersOf = (lines: readonly (readonly [string, string])[]): readonly GroupMember[] => {
  const members: GroupMember[] = [];
  for (const [key, value] of lines) {
    const last = members.at(-1);
    const [address = '', , deviceClass = ''] = value.split(' ');
    if (key === 'member') members.push({address, class: deviceClass});
    else if (key === 'holder' && last) members[members.length - 1] = {...last, driver: value};
  }
  return members;
};

const number = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;

const group = (value: (key: string) => string | undefined): FunctionState['group'] => {
  const own = value('group');
  if (own === undefined) return undefined;
  return present({number: own, noIommu: value('group-name') === 'vfio-noiommu', type: value('group-type')});
};

/** What `functionScript` said; undefined where there is no such function. */
export const parseFunction = (text: string): FunctionState | undefined => {
  const lines = text.split('\n').map((line): [string, string] => {
    const blank = line.indexOf(' ');
    return blank < 0 ? [line, ''] : [line.slice(0, blank), line.slice(blank + 1)];
  });
  const values = new Map(lines);
  const value = (key: string): string | undefined => values.get(key) || undefined;
  const [vendor, device] = [value('vendor'), value('device')];
  if (vendor === undefined || device === undefined) return undefined;
  const override = value('override');
  const pin = number(value('pin'));
  const switched = value('no-iommu');
  return present({
    ids: [vendor, device].map((id) => id.replace(/^0x/, '')).join(':'),
    class: value('class') ?? '',
    driver: value('driver'),
    // What the kernel prints of a null pointer.
    override: override === '(null)' ? undefined : override,
    group: group(value),
    members: membersOf(lines),
    virtualFunction: values.has('virtual-function'),
    legacyInterrupt: pin === undefined ? undefined : pin > 0,
    wanted: value('wanted') ?? '',
    available: values.has('available'),
    noIommuSwitch: switched === undefined ? undefined : /^[Y1]$/.test(switched),
    user: number(value('user')),
    driverctl: value('driverctl'),
  });
};
