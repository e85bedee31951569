import {once} from 'node:events';
import {createServer, type IncomingHttpHeaders, type RequestListener, type Server} from 'node:http';
import {createServer as createSecureServer} from 'node:https';
import type {AddressInfo} from 'node:net';
import {setTimeout as pause} from 'node:timers/promises';

/** A request as it came. */
export type Seen = {method: string; path: string; headers: IncomingHttpHeaders};

export type Reply = {
  status?: number;
  headers?: Readonly<Record<string, string>>;
  body?: string | Buffer;
  /** So many bytes of the body are sent, and the connection is cut when `arrived` says that they are where they belong. */
  cut?: {after: number; arrived: () => boolean};
};

export type Loopback = {url: string; seen: readonly Seen[]; close: () => Promise<void>};

/** Answers a request; `nth` counts those for the same path from 1. */
export type Answering = (seen: Seen, nth: number) => Reply | Promise<Reply>;

const closed = async (server: Server): Promise<void> => {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
};

/** An HTTP server on the loopback that keeps state: it knows how often a path was asked for; with a key, an HTTPS one. */
export const loopbackServer = async (answer: Answering, tls?: {key: string; cert: string}): Promise<Loopback> => {
  const seen: Seen[] = [];
  const listener: RequestListener = (request, response) => {
    const one: Seen = {method: request.method ?? '', path: request.url ?? '', headers: request.headers};
    seen.push(one);
    const nth = seen.filter(({path}) => path === one.path).length;
    void (async () => {
      const {status = 200, headers = {}, body = '', cut} = await answer(one, nth);
      const bytes = Buffer.from(body);
      const length = headers['transfer-encoding'] === undefined ? {'content-length': bytes.length} : {};
      response.writeHead(status, {...length, ...headers});
      if (!cut) {
        response.end(status === 304 ? undefined : bytes);
        return;
      }
      response.write(bytes.subarray(0, cut.after));
      while (!cut.arrived() && !response.destroyed) await pause(5);
      response.destroy();
    })();
  };
  const server = tls ? createSecureServer(tls, listener) : createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const {port} = server.address() as AddressInfo;
  return {
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${String(port)}`,
    seen,
    close: async () => closed(server),
  };
};

/** A file as a server with ranges gives it (RFC 9110, 14): a part only where it is still of the same. */
export const fileReply = (bytes: Buffer, etag: string, {headers}: Seen, more: Reply = {}): Reply => {
  const [, from] = /^bytes=(\d+)-$/.exec(headers.range ?? '') ?? [];
  const start = Number(from ?? 0);
  if (from === undefined || headers['if-range'] !== etag)
    return {...more, headers: {etag, ...more.headers}, body: bytes};
  if (start >= bytes.length) return {status: 416, headers: {'content-range': `bytes */${String(bytes.length)}`}};
  const range = `bytes ${String(start)}-${String(bytes.length - 1)}/${String(bytes.length)}`;
  return {...more, status: 206, headers: {etag, 'content-range': range, ...more.headers}, body: bytes.subarray(start)};
};
