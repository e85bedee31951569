import {type FrameText, joinFrames, splitFrames} from './frame-text.ts';
import {hexIpv4, hexIpv6, ipv4Replacement, ipv6Replacement, macReplacement, numbering} from './scrub-addresses.ts';

// Six octets, or InfiniBand's twenty; a longer row is an RSS key, which belongs to nobody.
const MAC = /(?<![0-9a-f]|[0-9a-f]{2}:)[0-9a-f]{2}(?::[0-9a-f]{2}){5}(?:(?::[0-9a-f]{2}){14})?(?![0-9a-f:])/gi;
const UUID = /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi;
const IPV4 = /(?<![\w.-])\d{1,3}(?:\.\d{1,3}){3}(?![\w-]|\.\d)/g;
const IPV6 = /(?<![\w:.])(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}(?![\w:.])/gi;

// EFI's vendor of global variables: it is the same everywhere, and part of the name that says Secure Boot.
const WELL_KNOWN_UUID = '8be4df61-93ca-11d2-aa0d-00e098032b8c';

// What may look like an address and is none: versions of firmware and modules, numbers of sysfs and sysctls.
const WITHOUT_ADDRESSES =
  /^(?:run \d+ ethtool|(?:many|file|cat|fail|none|list) \/(?:sys|proc\/sys|lib\/modules|usr\/lib\/os-release|etc\/os-release))/;
const NETWORK_DISK = /^file \/sys\/\S*\/(?:iscsi_connection|nvme)\S*\/address$|^file \/sys\/\S*\/device\/\S*address$/;

type Edit = (frame: FrameText) => FrameText;

const bodies =
  (edit: (body: string, head: string) => string): Edit =>
  ({head, body}) => ({head, body: edit(body, head)});

const macs = (frames: readonly FrameText[]): Edit => {
  const replace = macReplacement();
  const bare = new Map<string, string>();
  for (const {body} of frames) {
    for (const [mac] of body.matchAll(MAC))
      bare.set(mac.toLowerCase().replaceAll(':', ''), replace(mac.toLowerCase()).replaceAll(':', ''));
  }
  // `enx…` names and altnames hold the address without colons.
  const inNames = (text: string): string =>
    text.replaceAll(/(?<=\benx)[0-9a-f]{12}/g, (digits) => bare.get(digits) ?? digits);
  return ({head, body}) => ({head: inNames(head), body: inNames(body.replaceAll(MAC, replace))});
};

const uuids = (): Edit => {
  const number = numbering();
  return bodies((body) =>
    body.replaceAll(UUID, (uuid) =>
      uuid.toLowerCase() === WELL_KNOWN_UUID
        ? uuid
        : `00000000-0000-4000-8000-${number(uuid.toLowerCase()).toString(16).padStart(12, '0')}`,
    ),
  );
};

const addresses = (): Edit => {
  const four = ipv4Replacement();
  const six = ipv6Replacement();
  return bodies((body, head) => {
    if (head.endsWith(' /proc/net/route')) return body.replaceAll(/\b[0-9A-F]{8}\b/g, hexIpv4(four));
    if (/ \/proc\/net\/(?:if_inet6|ipv6_route)$/.test(head)) return body.replaceAll(/\b[0-9a-f]{32}\b/g, hexIpv6(six));
    if (WITHOUT_ADDRESSES.test(head) && !NETWORK_DISK.test(head)) return body;
    return body.replaceAll(IPV6, six).replaceAll(IPV4, four);
  });
};

const bodyOf = (frames: readonly FrameText[], path: string): string =>
  frames.find(({head}) => head === `file ${path}` || head === `cat ${path}`)?.body.trim() ?? '';

const hostnames = (frames: readonly FrameText[]): ReadonlySet<string> => {
  const shown = frames.flatMap(({body}) =>
    [...body.matchAll(/^kernel\/hostname:(.+)$/gm)].map((match) => match[1] ?? ''),
  );
  const names = [...shown, ...bodyOf(frames, '/etc/hostname').split('\n')].filter((name) => /^[\w.-]+$/.test(name));
  return new Set(names.flatMap((name) => [name, name.split('.')[0] ?? name]));
};

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);

/**
 * The host's name where it is told, and wherever else it stands as a word if it cannot be anything else: `debian` may
 * be a host's name and a distribution's, `db-17` is only a name.
 */
const names = (frames: readonly FrameText[]): Edit => {
  const told = [...hostnames(frames)].toSorted((a, b) => b.length - a.length);
  const words = new Set(frames.flatMap(({head}) => head.split(/[ /]/)));
  const distinct = told.filter((name) => name.length > 3 && /[\d.-]/.test(name) && !words.has(name));
  const pattern =
    distinct.length === 0 ? undefined : new RegExp(`(?<![\\w-])(?:${distinct.map(escaped).join('|')})(?![\\w-])`, 'g');
  return bodies((body, head) => {
    if (/^(?:file|cat) \/etc\/hostname$/.test(head)) return 'host\n';
    const shown = body.replaceAll(/^kernel\/hostname:.*$/gm, 'kernel/hostname:host');
    return pattern === undefined ? shown : shown.replaceAll(pattern, 'host');
  });
};

const machineId = (frames: readonly FrameText[]): Edit => {
  const id = bodyOf(frames, '/etc/machine-id');
  return bodies((body) => (/^[0-9a-f]{32}$/.test(id) ? body.replaceAll(id, `${'0'.repeat(31)}1`) : body));
};

// `rd.iscsi.password=…`, `systemd.set_credential=…`, and what follows `--`, which is for init alone.
const COMMAND_LINE_SECRET = /(?<=[\s"'][\w.-]*(?:password|passwd|secret|token|credential)[\w.-]*=)[^\s"']+/gi;

const secrets: Edit = bodies((body, head) => {
  const hidden = body.replaceAll(COMMAND_LINE_SECRET, '[redacted]');
  return head === 'file /proc/cmdline' ? hidden.replaceAll(/ -- .*$/gm, ' --') : hidden;
});

/** Servers that file systems come from, users and their groups, and serial numbers. */
const accounts = (): Edit => {
  const number = numbering();
  const server = (name: string): string => (/^[\d.]+$|^\[/.test(name) ? name : `server-${String(number(name))}`);
  return bodies((body, head) =>
    (/^run \d+ user$/.test(head) ? body.replaceAll(/\((?!root\))[^)]*\)/g, '(user)') : body)
      .replaceAll(/(?<= - (?:nfs4?|ceph) )[^:\s]+(?=:)/g, server)
      .replaceAll(/(?<=^|:)[^:\s/]+(?=:\/\S* \S+ (?:nfs4?|ceph) )/gm, server)
      .replaceAll(/^((?:\S*\/)?\w*serial(?:_number)?:).*$/gm, '$1serial'),
  );
};

/**
 * A probe's output without what tells whose host it is: MAC addresses keep their vendor, networks become documentation
 * ranges, names, ids and serials become plain words. The same thing is replaced the same way everywhere, so the
 * recording shows the same topology, stack of interfaces, management path and values.
 */
export const scrub = (text: string, token: string): string => {
  const frames = splitFrames(text, token);
  const edits = [machineId(frames), names(frames), macs(frames), uuids(), addresses(), accounts(), secrets];
  return joinFrames(
    frames.map((frame) => edits.reduce((edited, edit) => edit(edited), frame)),
    token,
  );
};
