/** Why something could not be read: no right to, no such command, a driver that does not tell. */
export type Unknown = {unknown: string};

/** A fact that was read, or the reason why it was not. */
export type Known<T> = T | Unknown;

export const unknown = (reason: string): Unknown => ({unknown: reason});

export const isUnknown = (value: unknown): value is Unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && 'unknown' in value;

/** The value, or undefined where it is unknown. */
export const known = <T>(value: Known<T>): T | undefined => (isUnknown(value) ? undefined : value);
