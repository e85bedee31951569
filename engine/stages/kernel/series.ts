import {Fault, Faults} from '../../model/fault.ts';
import {printableLine} from '../../model/printable.ts';

/** One patch of a quilt series. */
export type SeriesEntry = {patch: string; strip: number; line: number};

const seriesFault = (at: string, message: string): Fault =>
  new Fault({
    code: 'patch-series',
    owner: 'user',
    message,
    at,
    hint: 'a line of a series is PATCH [-pN] [# COMMENT]',
  });

const entryOf = (text: string, line: number, at: string): SeriesEntry | Fault | undefined => {
  const words = text
    .replace(/(?:^|\s)#.*/, '')
    .trim()
    .split(/\s+/);
  const [patch = '', option = '-p1', ...more] = words;
  if (patch === '') return undefined;
  const [, strip] = /^-p(\d)$/.exec(option) ?? [];
  if (strip === undefined || more.length > 0)
    return seriesFault(
      `${at}:${String(line)}`,
      `${printableLine(patch)} has an option that is not known: ${printableLine(words.slice(1).join(' '))}`,
    );
  return {patch, strip: Number(strip), line};
};

/**
 * Reads a quilt series (quilt(1), "series file format").
 * @throws Faults `patch-series`, one for each line that cannot be read
 */
export const parseSeries = (text: string, at: string): readonly SeriesEntry[] => {
  const entries = text.split('\n').map((line, index) => entryOf(line, index + 1, at));
  const faults = entries.filter((entry) => entry instanceof Fault);
  if (faults.length > 0) throw new Faults(faults);
  return entries.flatMap((entry) => (entry === undefined || entry instanceof Fault ? [] : [entry]));
};

/**
 * Looks whether a folder's own series names what is there, and all of it.
 * @throws Faults `patch-series`
 */
export const checkSeries = (name: string, files: Readonly<Record<string, string>>): void => {
  const at = `${name}/patches/series`;
  const text = files['patches/series'];
  if (text === undefined) throw new Faults([seriesFault(at, `${name} has no patches/series`)]);
  const entries = parseSeries(text, at);
  const named = new Set(entries.map(({patch}) => `patches/${patch}`));
  const absent = entries
    .filter(({patch}) => files[`patches/${patch}`] === undefined)
    .map(({patch, line}) => seriesFault(`${at}:${String(line)}`, `the patch ${printableLine(patch)} is not there`));
  const unnamed = Object.keys(files)
    .filter((path) => /^patches\/.*\.(?:patch|diff)$/.test(path) && !named.has(path))
    .map((path) => seriesFault(at, `the series does not name ${printableLine(path)}`));
  if (absent.length + unnamed.length > 0) throw new Faults([...absent, ...unnamed]);
};
