import {REMEMBERED} from '../facts/driver-bindings.ts';
import {USER_OF} from '../facts/pci-function.ts';

/**
 * sh functions that give a PCI function to a driver; used by a change's steps, and by the host itself at each boot.
 * `give ADDRESS WANT OVERRIDE IDS NAME MAC UP`: WANT is a driver, `vfio-pci-noiommu`, `kernel` or `none`; OVERRIDE is the
 * driver_override that shall stand afterwards where a kernel driver or none is wanted; the rest is what is known of the
 * function's interface, `-` for what is not. A failure leaves its reason in `why`, and the function with the kernel's own
 * driver.
 *
 * Kernel: Documentation/ABI/testing/sysfs-bus-pci (driver_override), Documentation/driver-api/vfio.rst,
 * drivers/vfio/pci/vfio_pci_core.c (an open function is not let go until its user lets go, so nobody writes to unbind then).
 */
export const GIVE = String.raw`
${USER_OF}
drivers=/sys/bus/pci/drivers
switch=/sys/module/vfio/parameters/enable_unsafe_noiommu_mode
look() {
  now=none
  [ ! -e "$device/driver" ] || { now=$(cd -P "$device/driver" && pwd); now=${'$'}{now##*/}; }
}
is_reached() {
  look
  case $1 in
    kernel) case $now in none | *vfio* | uio_* | igb_uio | *pci-stub | *pciback) return 1 ;; esac ;;
    *) [ "$now" = "$1" ] ;;
  esac
}
probe() {
  printf '%s\n' "$1" >"$device/driver_override" || return 1
  look
  [ "$now" = none ] || printf '%s' "$address" >"$device/driver/unbind" || return 1
  [ -n "$2" ] || return 0
  # A driver that is not loaded yet takes its functions when it is.
  [ -n "$1" ] || ! read -r alias <"$device/modalias" || modprobe -q -b -- "$alias" </dev/null
  printf '%s' "$address" >/sys/bus/pci/drivers_probe
}
ready() {
  [ -d "$drivers/$driver" ] || modprobe -- "$driver" || { why="the kernel module $driver cannot be loaded"; return 1; }
  [ "$driver" = vfio-pci ] || return 0
  if [ "$want" = vfio-pci-noiommu ]; then
    { printf 'Y\n' >"$switch"; } 2>/dev/null || { why="this kernel's vfio cannot work without an IOMMU"; return 1; }
  elif [ ! -e "$device/iommu_group" ]; then
    why="$address is in no IOMMU group: no IOMMU is on, or it leaves this function out"
    return 1
  fi
}
interface() {
  found=
  for link in "$device"/net/* "$device"/virtio*/net/*; do [ ! -e "$link" ] || found=${'$'}{link##*/}; done
  [ -n "$found" ]
}
# udev renames it a moment after it has come.
came_back() {
  tries=0
  until interface && [ "$found" = "$1" ]; do
    tries=$((tries + 1))
    [ "$tries" -le 50 ] || break
    sleep 0.2 2>/dev/null || sleep 1
  done
  interface || { why="$1 did not come back from $address"; return 1; }
  [ "$found" = "$1" ] || { ip link set dev "$found" down && ip link set dev "$found" name "$1"; } ||
    { why="$address came back as $found, and cannot be called $1"; return 1; }
  [ "$2" != up ] || ip link set dev "$1" up || { why="$1 cannot be set up"; return 1; }
}
give() {
  address=$1 want=$2 driver=$2
  device=/sys/bus/pci/devices/$address
  [ -e "$device" ] || { why="there is no PCI function $address"; return 1; }
  [ -e "$device/driver_override" ] || { why="this kernel has no driver_override (it came with 3.16)"; return 1; }
  case $want in
    vfio-pci-noiommu) driver=vfio-pci ;;
    kernel | none) driver= ;;
  esac
  if ! is_reached "${'$'}{driver:-$want}"; then
    # shellcheck disable=SC2046 # nodes have no blanks in their names
    user=$(user_of $(nodes_of "$device"))
    [ -z "$user" ] || { why="process $user has $address open"; return 1; }
    [ -z "$driver" ] || ready || return 1
    mkdir -p ${REMEMBERED} && printf '%s\n' "$4 $5 $6 $7" >"${REMEMBERED}/$address"
    said=$(probe "$driver" "${'$'}{want%none}" 2>&1)
    is_reached "${'$'}{driver:-$want}" || {
      why="$address is held by $now, not by ${'$'}{driver:-$want}${'$'}{said:+: $said}"
      probe '' back 2>/dev/null
      is_reached kernel && rm -f "${REMEMBERED}/$address"
      return 1
    }
  fi
  case $driver in
    vfio-pci | uio_* | igb_uio | *pci-stub | *pciback) return 0 ;;
  esac
  printf '%s\n' "$3" >"$device/driver_override" 2>/dev/null
  [ "$want" != none ] || return 0
  rm -f "${REMEMBERED}/$address"
  [ "$5" = - ] || came_back "$5" "$7"
}
`;

/** One `give` as a program: its words are `give`'s. */
export const GIVE_SCRIPT = `why=
${GIVE}
give "$@" || { printf '%s\\n' "$why" >&2; exit 1; }
`;
