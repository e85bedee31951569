import {text} from 'node:stream/consumers';
import {setTimeout as pause} from 'node:timers/promises';
import type {Fault} from '../../model/fault.ts';
import {printableLine} from '../../model/printable.ts';
import {waitAsked} from '../../stages/sources/patience.ts';
import type {SourceContext} from './context.ts';
import {exchange, type Answer, type Ask} from './exchange.ts';
import {interruptedBy, Passing, shownUrl, sourceFault} from './faults.ts';

const ATTEMPTS = 4;
/** Longer than this nobody waits for a limit to end; it is told instead. */
const MOST_WAIT_S = 120;

const singleHeaders = (headers: Answer['headers']): Readonly<Record<string, string | undefined>> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value[0] : value]));

const limitFault = (url: string, seconds: number): Fault =>
  sourceFault('source-limit', `${shownUrl(url)} wants no more requests for ${String(seconds)} s`, {
    hint: 'GITHUB_TOKEN or GH_TOKEN raises the limit of GitHub; or try again then',
  });

const waitOut = async (answer: Answer, seconds: number, context: SourceContext): Promise<void> => {
  if (seconds > MOST_WAIT_S) throw limitFault(answer.url, seconds);
  context.onNote?.(`${shownUrl(answer.url)} limits requests: waits ${String(seconds)} s`);
  await pause(seconds * 1000, undefined, {signal: context.signal});
};

/** Asks once; a limit is waited out, and is a passing trouble then. For `persist`. */
export const askOnce = async (ask: Ask, context: SourceContext): Promise<Answer> => {
  const answer = await exchange(ask, context);
  const wait = waitAsked(answer.status, singleHeaders(answer.headers), Date.now());
  if (wait === undefined && answer.status < 500) return answer;
  answer.body.destroy();
  if (wait === undefined) throw new Passing(`it answered ${String(answer.status)}`);
  await waitOut(answer, wait, context);
  throw new Passing(`it answered ${String(answer.status)} and wanted a wait of ${String(wait)} s`);
};

/** Of the network, and not of the disk that the answer is written to. */
const NETWORK = /^(?:E(?:CONN|NOTFOUND|AI_|HOST|NET|PIPE|TIMEDOUT|PROTO)|HPE_|ERR_(?:SSL|STREAM_PREMATURE))/;
/** Asking again does not make a certificate valid. */
const UNTRUSTED = /^(?:CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|ERR_TLS|HOSTNAME_MISMATCH)/;

const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : '');

const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  // A name with several addresses fails with one error for each.
  if (error instanceof AggregateError && error.message === '') return reasonOf(error.errors[0]);
  return error.message;
};

/**
 * Does something with a server again while it fails for reasons that may pass, after longer and longer pauses.
 * @throws Fault `source-unreachable` with the last reason, `interrupted`; what is not about the network, as it is
 */
export const persist = async <T>(url: string, work: () => Promise<T>, context: SourceContext): Promise<T> => {
  const first = context.retryPauseMs ?? 1000;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (context.signal.aborted) throw interruptedBy(context.signal);
      const untrusted = UNTRUSTED.test(codeOf(error));
      if (!untrusted && !NETWORK.test(codeOf(error)) && !(error instanceof Passing)) throw error;
      const reason = printableLine(reasonOf(error));
      if (attempt === ATTEMPTS || untrusted)
        throw sourceFault('source-unreachable', `${shownUrl(url)} cannot be had: ${reason}`, {cause: error});
      context.onNote?.(`${shownUrl(url)}: ${reason}; tries again`);
      await pause(first * 2 ** (attempt - 1), undefined, {signal: context.signal}).catch(() => {
        throw interruptedBy(context.signal);
      });
    }
  }
};

/** Asks for a text, persistently, until it has come whole; the answer's status is below 500, and is no limit. */
export const askText = async (what: Ask, context: SourceContext): Promise<{answer: Answer; body: string}> =>
  persist(
    what.url,
    async () => {
      const answer = await askOnce(what, context);
      return {answer, body: await text(answer.body)};
    },
    context,
  );
