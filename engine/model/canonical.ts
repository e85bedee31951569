/** What JSON can say. */
export type Json = string | number | boolean | null | readonly Json[] | {readonly [key: string]: Json};

/** JSON with the keys of every object in order, so that equal values are equal texts. */
export const canonical = (value: Json): string => {
  if (Array.isArray(value)) return `[${value.map((item: Json) => canonical(item)).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([key, item]: [string, Json]) => `${JSON.stringify(key)}:${canonical(item)}`).join(',')}}`;
};
