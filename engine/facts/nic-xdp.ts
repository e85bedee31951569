import type {Known} from '../model/known.ts';
import type {Frames} from './frames.ts';

/**
 * How many AF_XDP sockets this network namespace has is in /proc/net/protocols for everyone; on which queues they are only
 * ss tells, whose question would load a kernel module: it is asked only where there are some.
 */
export const XDP_SOCKETS_SCRIPT = String.raw`
set -- $(grep '^XDP ' "$R/proc/net/protocols" 2>/dev/null)
case ${'$'}{3:-0} in
  0) ;;
  *)
    say 'xdp sockets' "$3"
    x 'ss --xdp' ss -aH --xdp ;;
esac
`;

type Sockets = Known<readonly number[]> | undefined;

/**
 * The queues of an interface that AF_XDP sockets are bound to; undefined where there are none. Unknown for those with a
 * device where sockets are open and nobody tells on which interfaces: a kernel without CONFIG_XDP_SOCKETS_DIAG, or no ss.
 */
export const xdpSocketsOf = (frames: Frames): ((nic: string, hasDevice: boolean) => Sockets) => {
  const open = Number(frames.runs.get('xdp sockets')?.output ?? 0);
  const found = new Map<string, number[]>();
  for (const match of (frames.runs.get('ss --xdp')?.output ?? '').matchAll(/\s(\S+):q(\d+)(?=\s|$)/g)) {
    const [nic = '', queue] = [match[1], match[2]];
    found.set(nic, [...(found.get(nic) ?? []), Number(queue)]);
  }
  const placed = [...found.values()].flat().length;
  return (nic, hasDevice) => {
    const queues = found.get(nic)?.toSorted((a, b) => a - b);
    if (queues) return queues;
    if (!hasDevice || placed > 0 || open === 0) return undefined;
    return {unknown: `AF_XDP sockets are open (${String(open)}), and ss does not tell on which interfaces`};
  };
};
