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

const FILE_SYSTEMS: Readonly<Record<string, string>> = {
  nfs: 'nfs',
  nfs4: 'nfs',
  cifs: 'cifs',
  smb3: 'cifs',
  ceph: 'ceph',
  'fuse.glusterfs': 'glusterfs',
};

const serverOfSource = (source: string): string | undefined =>
  /^\[([^\]]+)\]:/.exec(source)?.[1] ?? /^([^:/,]+)[:,]/.exec(source)?.[1] ?? /^\/\/([^/]+)\//.exec(source)?.[1];

const firstFile = (frames: Frames, path: RegExp): string | undefined => {
  const found = [...frames.files.keys()].find((name) => path.test(name));
  return found === undefined ? undefined : textOf(frames, found);
};

const networkDisk = (frames: Frames): Network['networkRoot'] => {
  const places = [...frames.links].filter(([from]) =>
    /^\/sys\/(?:dev|class)\/block\/[^/]+(?:\/slaves\/.*)?$/.test(from),
  );
  const onto = (part: RegExp): boolean => places.some(([, to]) => part.test(to));
  if (onto(/\/session\d+\//)) {
    return present({kind: 'iscsi', server: firstFile(frames, /^\/sys\/class\/iscsi_connection\/.*\/address$/)});
  }
  if (onto(/\/nbd\d+(?:\/|$)/)) return {kind: 'nbd'};
  if (onto(/\/rbd\d+(?:\/|$)/)) return {kind: 'rbd'};
  const transport = firstFile(frames, /^\/sys\/(?:dev|class)\/block\/.*\/transport$/);
  if (transport === undefined || !['tcp', 'rdma', 'fc'].includes(transport)) return undefined;
  const address = firstFile(frames, /^\/sys\/(?:dev|class)\/block\/.*\/device\/(?:nvme\d+\/)?address$/);
  return present({kind: `nvme-${transport}`, server: /traddr=([^,]+)/.exec(address ?? '')?.[1]});
};

/** What the root file system hangs on over the network; undefined when it is local, or a container's. */
export const networkRootOf = (frames: Frames): Network['networkRoot'] => {
  const mount = frames.runs.get('root mount')?.output.split('\n').at(-1) ?? '';
  const [type = '', source = ''] = (mount.split(' - ')[1] ?? '').split(' ');
  const kind = FILE_SYSTEMS[type];
  return kind === undefined ? networkDisk(frames) : present({kind, server: serverOfSource(source)});
};
