import {Agent as HttpAgent, request as httpRequest, type IncomingMessage} from 'node:http';
import {Agent as HttpsAgent, request as httpsRequest} from 'node:https';
import {addressRefusal, redirected} from '../../stages/sources/address.ts';
import {Passing, requestFault, shownUrl, sourceFault} from './faults.ts';

export type Ask = {
  url: string;
  headers: Readonly<Record<string, string>>;
  /** Goes to the address's own origin only, never along a redirect to another one. */
  authorization?: string;
  /** Whether a digest tells what must come: then http will do. */
  pinned: boolean;
};

export type Answer = {url: string; status: number; headers: IncomingMessage['headers']; body: IncomingMessage};

export type Wire = {signal: AbortSignal; environment: Readonly<Record<string, string | undefined>>};

/** A server that says nothing for so long has gone. */
const SILENCE_MS = 60_000;
const MOST_REDIRECTS = 5;

const agentFor = (secure: boolean, proxyEnv: Wire['environment']): HttpAgent | HttpsAgent =>
  // The environment's proxies and its exceptions, as curl reads them.
  secure ? new HttpsAgent({proxyEnv: {...proxyEnv}}) : new HttpAgent({proxyEnv: {...proxyEnv}});

const once = async ({url, headers, authorization}: Ask, {signal, environment}: Wire): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const secure = url.startsWith('https:');
    const asked = (secure ? httpsRequest : httpRequest)(url, {
      agent: agentFor(secure, environment),
      signal,
      timeout: SILENCE_MS,
      headers: {
        'user-agent': 'linerate',
        'accept-encoding': 'identity',
        ...headers,
        ...(authorization === undefined ? {} : {authorization}),
      },
    });
    asked.on('timeout', () => asked.destroy(new Passing(`it was silent for ${String(SILENCE_MS / 1000)} s`)));
    asked.on('error', reject);
    asked.on('response', (body) => {
      resolve({url, status: body.statusCode ?? 0, headers: body.headers, body});
    });
    asked.end();
  });

const refused = (url: string, why: string): Error =>
  requestFault('source-address', `${shownUrl(url)} ${why}`, 'https needs neither; `sha256` pins what http brings');

/**
 * Asks once and follows redirects. The body is the caller's to read or to destroy.
 * @throws Fault `source-address`, `source-redirect`; whatever the network says, as it says it
 */
export const exchange = async (ask: Ask, wire: Wire): Promise<Answer> => {
  const why = addressRefusal(ask.url, ask);
  if (why !== undefined) throw refused(ask.url, why);
  let next = ask;
  for (let hop = 0; hop <= MOST_REDIRECTS; hop += 1) {
    const answer = await once(next, wire);
    const {location} = answer.headers;
    if (![301, 302, 303, 307, 308].includes(answer.status) || location === undefined) return answer;
    answer.body.destroy();
    const to = redirected(next.url, location, ask);
    if (!to)
      throw sourceFault(
        'source-redirect',
        `${shownUrl(next.url)} leads to ${shownUrl(location)}, which is not followed`,
      );
    const {authorization, ...rest} = next;
    next = {...rest, url: to.url, ...(to.sameOrigin && authorization !== undefined ? {authorization} : {})};
  }
  throw sourceFault('source-redirect', `${shownUrl(ask.url)} is redirected more than ${String(MOST_REDIRECTS)} times`);
};
