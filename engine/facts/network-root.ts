import {type Frames, textOf} from './frames.ts';
import type {Network} from './network.ts';
import {present} from './present.ts';

/**
 * The mount of `/` (the last line wins: a later mount covers an earlier), and the devices that it lies on: through
 * device-mapper and MD down to disks, whose place below /sys/devices tells how they are attached.
 */
export const ROOT_SCRIPT = String.raw`
net_below() {
  l "$1"
  disk=$1
  [ -e "$1/partition" ] && disk=$1/..
  for transport in "$disk/device/transport" "$disk"/device/nvme*/transport; do
    [ -e "$transport" ] && f "$transport" "${'$'}{transport%/transport}/address"
  done
  for slave in "$1"/slaves/*; do [ -e "$slave" ] && net_below "$1/slaves/${'$'}{slave##*/}"; done
}
if [ -z "$R" ] && [ -r /proc/self/mountinfo ]; then
  root=$(grep '^[^ ]* [^ ]* [^ ]* [^ ]* / ' /proc/self/mountinfo 2>/dev/null)
  x 'root mount' printf '%s' "$root"
  root=${'$'}{root##*"
"}
  source=${'$'}{root##* - }
  source=${'$'}{source#* }
  source=${'$'}{source%% *}
  root=${'$'}{root#* }
  root=${'$'}{root#* }
  root=${'$'}{root%% *}
  # btrfs and overlay have an anonymous device number: then the source's name is all there is.
  case $root in 0:*) root=/sys/class/block/${'$'}{source##*/} ;; *) root=/sys/dev/block/$root ;; esac
  [ -e "$root" ] && net_below "$root"
  for address in /sys/class/iscsi_connection/*/address; do [ -e "$address" ] && f "$address"; done
fi
`;

const FILE_SYSTEMS = new Map([
  ['nfs', 'nfs'],
  ['nfs4', 'nfs'],
  ['cifs', 'cifs'],
  ['smb3', 'cifs'],
  ['ceph', 'ceph'],
  ['fuse.glusterfs', 'glusterfs'],
]);

const serverOfSource = (source: string): string | undefined =>
  /^\[([^\]]+)\]:/.exec(source)?.[1] ?? /^([^:/,]+)[:,]/.exec(source)?.[1] ?? /^\/\/([^/]+)\//.exec(source)?.[1];

/** The block device's directory that the probe looked below. */
const rootDevice = (numbers: string, source: string): string =>
  numbers.startsWith('0:') ? `/sys/class/block/${source.split('/').at(-1) ?? ''}` : `/sys/dev/block/${numbers}`;

const networkDisk = (frames: Frames, device: string): Network['networkRoot'] => {
  const places = [...frames.links].filter(([from]) => from === device || from.startsWith(`${device}/slaves/`));
  const onto = (part: RegExp): string | undefined =>
    places.map(([, to]) => part.exec(to)?.[1]).find((found) => found !== undefined);
  const session = onto(/\/session(\d+)\//);
  if (session !== undefined) {
    const connection = `/sys/class/iscsi_connection/connection${session}:0/address`;
    return present({kind: 'iscsi', server: textOf(frames, connection)});
  }
  const kind = onto(/\/(nbd|rbd)\d+(?:\/|$)/);
  if (kind !== undefined) return {kind};
  const path = [...frames.files.keys()].find((name) => name.startsWith(`${device}/`) && name.endsWith('/transport'));
  const transport = path === undefined ? '' : (textOf(frames, path) ?? '');
  if (path === undefined || !['tcp', 'rdma', 'fc'].includes(transport)) return undefined;
  const address = textOf(frames, path.replace(/transport$/, 'address'));
  return present({kind: `nvme-${transport}`, server: /traddr=([^,]+)/.exec(address ?? '')?.[1]});
};

/** What the root file system hangs on over the network; undefined when it is local, or a container's. */
export const networkRootOf = (frames: Frames): Network['networkRoot'] => {
  const mount = frames.runs.get('root mount')?.output.split('\n').at(-1) ?? '';
  const [, , numbers = ''] = mount.split(' ');
  const [type = '', source = ''] = (mount.split(' - ')[1] ?? '').split(' ');
  const kind = FILE_SYSTEMS.get(type);
  if (kind !== undefined) return present({kind, server: serverOfSource(source)});
  return networkDisk(frames, rootDevice(numbers, source));
};
