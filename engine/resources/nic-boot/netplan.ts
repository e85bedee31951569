import {globPattern} from '../../facts/glob.ts';
import type {Nic} from '../../facts/nic.ts';
import {type File, type Persisted, inOrder, spoken, unquoted} from './persisted.ts';

const KEYS: Readonly<Record<string, string>> = {
  mtu: 'mtu',
  'receive-checksum-offload': 'feature.rx-checksumming',
  'transmit-checksum-offload': 'feature.tx-checksumming',
  'tcp-segmentation-offload': 'feature.tcp-segmentation-offload',
  'tcp6-segmentation-offload': 'feature.tx-tcp6-segmentation',
  'generic-segmentation-offload': 'feature.generic-segmentation-offload',
  'generic-receive-offload': 'feature.generic-receive-offload',
  'large-receive-offload': 'feature.large-receive-offload',
};

const DIRECTORIES = ['/etc/netplan', '/run/netplan', '/lib/netplan'];

/** `network`, `ethernets`, an interface's id, and what stands below it. */
type Entry = {path: readonly string[]; value: string; at: string};

const LINE = /^( *)([\w.-]+):(?:\s+(.*))?$/;

/** The keys of a file by their indentation: lines that the probe left out may hide parents, never brothers. */
const entriesOf = (file: File): readonly Entry[] => {
  let open: {indent: number; key: string}[] = [];
  return file.text.split('\n').flatMap((line, index) => {
    const [, blanks, key = '', rest = ''] = LINE.exec(line) ?? [];
    if (blanks === undefined) return [];
    const indent = blanks.length;
    open = [...open.filter((parent) => parent.indent < indent), {indent, key}];
    // A key that is deeper than its place tells is one of a parent that was left out, as a route's own mtu.
    const unit = open[1]?.indent ?? 0;
    if (open.some((one, depth) => one.indent !== depth * unit)) return [];
    const value = unquoted(rest.replace(/\s+#.*$/, ''));
    return [{path: open.map((one) => one.key), value, at: `${file.path}:${String(index + 1)}`}];
  });
};

const patterns = (value: string): readonly RegExp[] =>
  value
    .replaceAll(/^\[|\]$/g, '')
    .split(',')
    .map((part) => globPattern(unquoted(part)));

/** Whether the definition `id` is for a NIC: by its `match`, or by its very name. */
const takesOf = (entries: readonly Entry[], section: string, id: string): ((nic: Nic) => boolean) => {
  const below = entries.filter(({path}) => path[1] === section && path[2] === id);
  const match = (key: string): string | undefined =>
    below.findLast(({path}) => path[3] === 'match' && path[4] === key)?.value;
  const [name, mac, driver] = [match('name'), match('macaddress')?.toLowerCase(), match('driver')];
  const renamed = below.findLast(({path}) => path[3] === 'set-name' && path.length === 4)?.value;
  if (name === undefined && mac === undefined && driver === undefined) return (nic) => nic.name === id;
  return (nic) =>
    (name === undefined || nic.name === renamed || patterns(name).some((one) => one.test(nic.name))) &&
    (mac === undefined || nic.mac.toLowerCase() === mac || nic.permanentMac === mac) &&
    (driver === undefined || patterns(driver).some((one) => one.test(nic.driver)));
};

/** Netplan's files in their order: by name over all directories, the later one wins (netplan(5)). */
export const netplanSettings = (files: readonly File[]): readonly Persisted[] => {
  const entries = inOrder(files, DIRECTORIES).flatMap(entriesOf);
  return entries.flatMap(({path, value, at}) => {
    const [network, section = '', id = '', key = ''] = path;
    const attribute = network === 'network' && path.length === 4 ? KEYS[key] : undefined;
    if (attribute === undefined || value === '') return [];
    return [{attribute, value: spoken(attribute, value), at, takes: takesOf(entries, section, id)}];
  });
};
