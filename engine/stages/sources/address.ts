const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

const isLoopback = ({hostname}: URL): boolean => LOOPBACK.test(hostname);

/** Why an address must not be fetched from, as the end of a sentence; undefined where it may. */
export const addressRefusal = (address: string, {pinned}: {pinned: boolean}): string | undefined => {
  const url = URL.parse(address);
  if (!url) return 'is no address';
  if (url.username !== '' || url.password !== '') return 'holds a user or a password, which a lock file would tell';
  if (url.protocol === 'https:') return undefined;
  if (url.protocol !== 'http:') return `is neither https nor http`;
  if (pinned || isLoopback(url)) return undefined;
  return 'is http, and no sha256 tells what must come from there';
};

/** Where a redirect leads, and whether credentials may go there too; undefined where it must not be followed. */
export const redirected = (
  from: string,
  location: string,
  {pinned}: {pinned: boolean},
): {url: string; sameOrigin: boolean} | undefined => {
  const [before, after] = [URL.parse(from), URL.parse(location, from)];
  if (!before || !after || addressRefusal(after.href, {pinned}) !== undefined) return undefined;
  // What was asked for safely must not come back in the clear, pinned or not: its address may hold a token.
  if (before.protocol === 'https:' && after.protocol !== 'https:') return undefined;
  return {url: after.href, sameOrigin: before.origin === after.origin};
};

/** The name that a file gets from its address. */
export const nameIn = (address: string): string => {
  const last = new URL(address).pathname.split('/').findLast((part) => part !== '') ?? '';
  const name = last.replaceAll(/%[0-9a-f]{2}/gi, '_').replaceAll(/[^\w.+~:-]/g, '_');
  return /^\.*$/.test(name) ? 'source' : name;
};
