import {once} from 'node:events';
import {createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import test, {type ExecutionContext} from 'ava';
import {healthUrl, whyUnhealthy} from '../../../engine/effects/health.ts';
import type {Target} from '../../../engine/effects/connection.ts';
import {Fault} from '../../../engine/model/fault.ts';

const host = (address: string): Target => ({
  via: 'ssh',
  name: 'web1',
  address,
  arguments: [],
  connectTimeoutSeconds: 1,
});

const PLAIN = {environment: {}};

test('a template makes each host’s URL', (t) => {
  const url = (template: string, address = '192.0.2.7'): string => healthUrl(template, host(address)).href;
  t.is(url('http://{host}:8080/healthz'), 'http://web1:8080/healthz');
  t.is(url('https://{address}/'), 'https://192.0.2.7/');
  t.is(url('http://{address}:80/a', '2001:db8::7'), 'http://[2001:db8::7]/a');
  t.is(url('http://{address}/', '[2001:db8::7]'), 'http://[2001:db8::7]/');
  t.is(url('http://lb.example/ask?host={host}'), 'http://lb.example/ask?host=web1');
});

test('what makes no URL is said before anything is done', (t) => {
  const message = (template: string): string | undefined =>
    t.throws(() => healthUrl(template, host('192.0.2.7')), {instanceOf: Fault})?.message;
  t.is(message('{host}:8080/healthz'), '--health-url {host}:8080/healthz is neither http nor https');
  t.is(message('http://{hots}/'), '--health-url http://{hots}/ has {hots}, which stands for nothing');
  t.is(message('healthz'), '--health-url healthz is no URL for web1');
});

/** A page that answers with one status after the other, the last one again and again. */
const page = async (t: ExecutionContext, statuses: readonly number[]): Promise<{url: string; asked: () => number}> => {
  let asked = 0;
  const server = createServer((_request, response) => {
    const status = statuses[Math.min(asked, statuses.length - 1)] ?? 0;
    asked += 1;
    if (status !== 0) response.writeHead(status, {location: '/well'}).end('a page');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return {url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/`, asked: () => asked};
};

test('2xx is healthy, and a host may take its time', async (t) => {
  const {url, asked} = await page(t, [500, 204]);
  t.is(await whyUnhealthy(host('x'), {url, timeoutSeconds: 30}, PLAIN), undefined);
  t.is(asked(), 2);
});

test('an error, a redirect, no answer and nobody there are told apart', async (t) => {
  const why = async (url: string): Promise<string | undefined> =>
    whyUnhealthy(host('x'), {url, timeoutSeconds: 1}, PLAIN);
  const [ill, moved, silent] = [await page(t, [503]), await page(t, [302]), await page(t, [0])];
  t.is(await why(ill.url), `${ill.url} answers 503`);
  t.is(await why(moved.url), `${moved.url} answers 302`);
  t.is(await why(silent.url), `${silent.url} does not answer`);
  t.regex((await why('http://127.0.0.1:1/')) ?? '', /^http:\/\/127\.0\.0\.1:1\/ cannot be asked: /);
});

test('command and URL must both be well', async (t) => {
  const {url, asked} = await page(t, [200]);
  const both = {command: 'echo it is ill; false', url, timeoutSeconds: 1};
  t.is(await whyUnhealthy(host('x'), both, PLAIN), 'the health command ended with status 1: it is ill');
  t.is(asked(), 0);
  t.is(await whyUnhealthy(host('x'), {...both, command: 'true'}, PLAIN), undefined);
});

test('an interrupt ends the wait', async (t) => {
  const abort = new AbortController();
  const waiting = whyUnhealthy(host('x'), {command: 'false', timeoutSeconds: 600}, {...PLAIN, signal: abort.signal});
  abort.abort();
  t.is(typeof (await waiting), 'string');
});
