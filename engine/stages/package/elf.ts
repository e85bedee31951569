/** What an ELF file asks of the machine that it runs on. */
export type ElfNeeds = {
  /** Sonames: `libc.so.6`. */
  libraries: readonly string[];
  /** Versions of symbols by the library that is to have them: `GLIBC_2.34`. */
  symbols: readonly {library: string; version: string}[];
  soname?: string;
};

// elf(5); /usr/include/elf.h
const DT = {NULL: 0n, NEEDED: 1n, STRTAB: 5n, SONAME: 14n, VERNEED: 0x6ffffffen, VERNEEDNUM: 0x6fffffffn} as const;
const PT_LOAD = 1;
const PT_DYNAMIC = 2;

type Segment = {type: number; offset: number; address: number; size: number};

const isElf64 = (bytes: Uint8Array): boolean =>
  bytes.length >= 64 &&
  bytes[0] === 0x7f &&
  bytes[1] === 0x45 &&
  bytes[2] === 0x4c &&
  bytes[3] === 0x46 &&
  bytes[4] === 2 &&
  bytes[5] === 1;

const segmentsOf = (view: DataView): readonly Segment[] => {
  const from = Number(view.getBigUint64(32, true));
  const size = view.getUint16(54, true);
  return Array.from({length: view.getUint16(56, true)}, (_, place) => {
    const at = from + place * size;
    return {
      type: view.getUint32(at, true),
      offset: Number(view.getBigUint64(at + 8, true)),
      address: Number(view.getBigUint64(at + 16, true)),
      size: Number(view.getBigUint64(at + 32, true)),
    };
  });
};

type Entry = {tag: bigint; value: number};

const dynamicOf = (view: DataView, {offset, size}: Segment): readonly Entry[] => {
  const entries = Array.from({length: Math.floor(size / 16)}, (_, place) => ({
    tag: view.getBigUint64(offset + place * 16, true),
    value: Number(view.getBigUint64(offset + place * 16 + 8, true)),
  }));
  const end = entries.findIndex(({tag}) => tag === DT.NULL);
  return end === -1 ? entries : entries.slice(0, end);
};

/** The version needs: a chain of libraries (Elf64_Verneed), each with a chain of versions (Elf64_Vernaux). */
const versionNeeds = (
  view: DataView,
  start: number,
  count: number,
  text: (offset: number) => string,
): ElfNeeds['symbols'] => {
  const found: {library: string; version: string}[] = [];
  let at = start;
  for (let left = count, next = 1; left > 0 && next > 0; left -= 1, at += next) {
    const library = text(view.getUint32(at + 4, true));
    let one = at + view.getUint32(at + 8, true);
    for (let versions = view.getUint16(at + 2, true), step = 1; versions > 0 && step > 0; versions -= 1, one += step) {
      found.push({library, version: text(view.getUint32(one + 8, true))});
      step = view.getUint32(one + 12, true);
    }
    next = view.getUint32(at + 12, true);
  }
  return found;
};

const textAt = (bytes: Uint8Array, from: number): string => {
  const end = bytes.indexOf(0, from);
  return new TextDecoder().decode(bytes.subarray(from, end === -1 ? bytes.length : end));
};

const needsOf = (bytes: Uint8Array): ElfNeeds | undefined => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const segments = segmentsOf(view);
  const dynamic = segments.find(({type}) => type === PT_DYNAMIC);
  if (!dynamic) return undefined;
  const offsetOf = (address: number): number => {
    const segment = segments.find(
      (one) => one.type === PT_LOAD && address >= one.address && address < one.address + one.size,
    );
    if (!segment) throw new RangeError('an address that no segment holds');
    return address - segment.address + segment.offset;
  };
  const entries = dynamicOf(view, dynamic);
  const valueOf = (tag: bigint): number | undefined => entries.find((entry) => entry.tag === tag)?.value;
  const strings = valueOf(DT.STRTAB);
  if (strings === undefined) return {libraries: [], symbols: []};
  const text = (offset: number): string => textAt(bytes, offsetOf(strings) + offset);
  const [needs, soname] = [valueOf(DT.VERNEED), valueOf(DT.SONAME)];
  return {
    libraries: entries.filter(({tag}) => tag === DT.NEEDED).map(({value}) => text(value)),
    symbols: needs === undefined ? [] : versionNeeds(view, offsetOf(needs), valueOf(DT.VERNEEDNUM) ?? 0, text),
    ...(soname === undefined ? {} : {soname: text(soname)}),
  };
};

/**
 * What a program or library of x86_64 needs; undefined for what is none, or needs nothing (a module, a static program). A file
 * that is cut off or contradicts itself answers `damaged`.
 */
export const elfNeeds = (bytes: Uint8Array): ElfNeeds | 'damaged' | undefined => {
  if (!isElf64(bytes)) return undefined;
  try {
    return needsOf(bytes);
  } catch (error) {
    if (error instanceof RangeError) return 'damaged';
    throw error;
  }
};
