/** Headers by their names in small letters. */
export type Headers = Readonly<Record<string, string | undefined>>;

const secondsFrom = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d{1,12}$/.test(text.trim()) ? Number(text) : undefined;

const retryAfter = (headers: Headers, nowMs: number): number | undefined => {
  const text = headers['retry-after'];
  const seconds = secondsFrom(text);
  if (text === undefined || seconds !== undefined) return seconds;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : Math.max(0, Math.ceil((at - nowMs) / 1000));
};

/**
 * For how many seconds a server wants to be left alone: by `Retry-After` (RFC 9110, 10.2.3), or by GitHub's
 * `x-ratelimit-reset` once nothing remains; undefined where it does not limit us.
 * Source: docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
 */
export const waitAsked = (status: number, headers: Headers, nowMs: number): number | undefined => {
  if (status !== 429 && status !== 403 && status !== 503) return undefined;
  const asked = retryAfter(headers, nowMs);
  if (asked !== undefined) return asked;
  const reset = secondsFrom(headers['x-ratelimit-reset']);
  if (headers['x-ratelimit-remaining'] === '0' && reset !== undefined)
    // A second more: the server's clock and ours need not agree.
    return Math.max(0, reset - Math.floor(nowMs / 1000)) + 1;
  // GitHub's secondary limits may tell nothing: "wait for at least one minute".
  return status === 429 ? 60 : undefined;
};
