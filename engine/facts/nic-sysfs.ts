import {type Cpus, parseCpuList} from '../model/cpulist.ts';
import {type Known, isUnknown, unknown} from '../model/known.ts';
import {type Frames, fileOf, numberOf, textOf} from './frames.ts';

/** Where the kernel shows an interface. */
export const directory = (nic: string): string => `/sys/class/net/${nic}`;

/** All interfaces; without /sys those that `ip link` shows are for the caller to add. */
export const interfaceNames = (frames: Frames): readonly string[] =>
  (frames.lists.get('/sys/class/net') ?? []).filter((name) => frames.files.has(`${directory(name)}/ifindex`));

/** The interface with that index in the probe's network namespace. */
export const interfaceByIndex = (frames: Frames): ((index: number) => string | undefined) => {
  const names = new Map(interfaceNames(frames).map((name) => [numberOf(frames, `${directory(name)}/ifindex`), name]));
  return (index) => names.get(index);
};

/** A number of an interface's directory; undefined where it is not told, or negative, which drivers say for unknown. */
export const attribute = (frames: Frames, nic: string, file: string): number | undefined => {
  const value = numberOf(frames, `${directory(nic)}/${file}`);
  return value === undefined || value < 0 ? undefined : value;
};

/** A text of an interface's directory, empty where it is not told. */
export const attributeText = (frames: Frames, nic: string, file: string): string =>
  textOf(frames, `${directory(nic)}/${file}`) ?? '';

/** `reader`'s value of a file, or why there is none; a text that it does not understand is unknown too. */
export const readAs = <T>(frames: Frames, path: string, reader: (text: string) => T | undefined): Known<T> => {
  const text = fileOf(frames, path);
  if (isUnknown(text)) return text;
  return reader(text.trim()) ?? unknown('not in the form that the kernel prints');
};

/** A list of CPUs; empty where it is not told. */
export const cpusOf = (frames: Frames, path: string): Cpus => parseCpuList(textOf(frames, path) ?? '') ?? [];

/** Interfaces stacked directly below and above each one: links `lower_NAME` and `upper_NAME` in its directory. */
export const stackOf = (frames: Frames): ((nic: string, side: 'lower' | 'upper') => readonly string[]) => {
  const found = new Map<string, string[]>();
  for (const path of frames.files.keys()) {
    if (!path.endsWith('/ifindex')) continue;
    const [, nic = '', side = '', other = ''] =
      /^\/sys\/class\/net\/([^/]+)\/(lower|upper)_([^/]+)\/ifindex$/.exec(path) ?? [];
    if (other === '') continue;
    const key = `${side} ${nic}`;
    found.set(key, [...(found.get(key) ?? []), other]);
  }
  return (nic, side) => found.get(`${side} ${nic}`) ?? [];
};
