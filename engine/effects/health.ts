import {setTimeout as pause} from 'node:timers/promises';
import {Fault} from '../model/fault.ts';
import {printableLine} from '../model/printable.ts';
import type {Target} from './connection.ts';
import {addressOf, type CommandEnvironment, runCommand} from './controller-command.ts';

/** What makes a host count as healthy: all that is given. */
export type HealthCheck = {
  /** Run on this controller for each host; status 0 is healthy. */
  command?: string;
  /** `{host}` and `{address}` stand for the host's; an answer 200 to 299 is healthy. */
  url?: string;
  /** How long a host may take to become healthy. */
  timeoutSeconds: number;
};

export type HealthOptions = {environment: CommandEnvironment; signal?: AbortSignal | undefined};

const BETWEEN_MS = 1000;
/** One request that hangs must not use up all of the time. */
const REQUEST_MS = 10_000;

const filled = (template: string, target: Target): string => {
  const address = addressOf(target);
  const words: Readonly<Record<string, string>> = {
    host: target.name,
    address: address.includes(':') ? `[${address.replace(/^\[|\]$/g, '')}]` : address,
  };
  return template.replaceAll(/\{(\w+)\}/g, (whole, name: string) => words[name] ?? whole);
};

const urlFault = (template: string, what: string): Fault =>
  new Fault({
    code: 'usage',
    owner: 'user',
    message: `--health-url ${printableLine(template)} ${what}`,
    hint: 'such as http://{host}:8080/healthz, or with {address} instead of {host}',
  });

/** The URL to ask for one host. @throws Fault `usage` where the template makes none */
export const healthUrl = (template: string, target: Target): URL => {
  const unknown = [...template.matchAll(/\{(\w*)\}/g)].find(([, name]) => name !== 'host' && name !== 'address');
  if (unknown) throw urlFault(template, `has ${unknown[0]}, which stands for nothing`);
  const text = filled(template, target);
  if (!URL.canParse(text)) throw urlFault(template, `is no URL for ${printableLine(target.name)}`);
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw urlFault(template, 'is neither http nor https');
  return url;
};

const reasonOf = (error: unknown): string => {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return printableLine(cause instanceof Error ? cause.message : String(cause));
};

const requested = async (url: URL, timeoutMs: number, signal: AbortSignal | undefined): Promise<string | undefined> => {
  const late = AbortSignal.timeout(Math.min(timeoutMs, REQUEST_MS));
  try {
    // A redirect may lead to a page that says "log in", or "sorry", with status 200.
    const answer = await fetch(url, {redirect: 'manual', signal: signal ? AbortSignal.any([late, signal]) : late});
    await answer.body?.cancel();
    return answer.ok ? undefined : `${url.href} answers ${String(answer.status)}`;
  } catch (error) {
    if (signal?.aborted) return 'interrupted';
    return late.aborted ? `${url.href} does not answer` : `${url.href} cannot be asked: ${reasonOf(error)}`;
  }
};

type Try = HealthOptions & {timeoutMs: number};

const checked = async (target: Target, check: HealthCheck, now: Try): Promise<string | undefined> => {
  const command = check.command === undefined ? undefined : await runCommand(check.command, now);
  if (command !== undefined) return `the health command ${command}`;
  return check.url === undefined ? undefined : requested(healthUrl(check.url, target), now.timeoutMs, now.signal);
};

/**
 * Asks again and again until a host is healthy. Resolves with why it is not, once it has had its time; undefined when it is.
 * @throws Fault `usage` where `check.url` makes no URL
 */
export const whyUnhealthy = async (
  target: Target,
  check: HealthCheck,
  options: HealthOptions,
): Promise<string | undefined> => {
  const deadline = Date.now() + check.timeoutSeconds * 1000;
  for (;;) {
    const reason = await checked(target, check, {...options, timeoutMs: Math.max(1000, deadline - Date.now())});
    if (reason === undefined || options.signal?.aborted || Date.now() + BETWEEN_MS > deadline) return reason;
    await pause(BETWEEN_MS, undefined, {signal: options.signal}).catch(() => undefined);
  }
};
