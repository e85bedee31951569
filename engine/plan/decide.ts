import type {Facts} from '../facts/facts.ts';
import type {Block, Boot, Held, Setting} from '../model/setting.ts';
import {kindOf} from '../resources/kinds.ts';
import {splitId} from '../resources/lookup.ts';
import type {ResourceKind} from '../resources/resource.ts';
import type {KernelDefaults} from './kernel-defaults.ts';
import type {Request} from './request.ts';
import {limited, settled, valueOf, type Limited} from './wanted.ts';

/** A request's outcome: a setting, a refusal, or nothing where the host does not have what a sheet asks for. */
export type Decision = {setting: Setting} | {block: Block} | undefined;

type Subject = {facts: Facts; kind: ResourceKind; rest: string; live: Held; boot: Boot; standard: string | undefined};

/** What is asked for within the hardware's limits, and what to have: of a floor or ceiling also what is there or will be. */
const wantOf = ({facts, kind, rest, live, boot}: Subject, request: Request): Limited & {asked: string} => {
  const {want: asked, limit} = limited(facts, kind, rest, request);
  const held = [valueOf(live), valueOf(boot.held)].filter((value) => value !== undefined);
  const want = held.reduce((value, one) => settled(request.operation, value, one), asked);
  return {want, asked, ...(want === asked && limit !== undefined ? {limit} : {})};
};

const holds = (subject: Subject, held: Held, want: string): boolean => {
  if (held === 'absent') return want === 'absent';
  if (held === 'unsupported') return true;
  return 'value' in held && subject.kind.same(subject.facts, subject.rest, held.value, want);
};

/**
 * Whether a live value that nobody sets is taken to come back by itself. A plain `to` wants it written down; of the others
 * only where the kernel is known to start with something that they would not leave as it is. What linerate itself has set
 * since the boot, and could not make last, does not.
 */
const comesBack = ({facts, kind, rest, standard}: Subject, request: Request, asked: string): boolean => {
  if (facts.services.own?.unpersisted?.includes(request.id)) return false;
  if (request.operation === 'to' && request.insteadOf === undefined) return false;
  return standard === undefined || kind.same(facts, rest, standard, settled(request.operation, asked, standard));
};

/** See `Setting.pending`: what cannot be read is not known to differ. */
const pendingLayers = (
  subject: Subject,
  request: Request,
  {want, asked}: {want: string; asked: string},
): readonly ('live' | 'boot')[] => {
  const {kind, live, boot} = subject;
  if (typeof live === 'object' && 'unreadable' in live) return [];
  // A queue that is there once the channels have grown starts as one does at boot.
  const born = live === 'absent' && kind.kind === 'queue' && boot.held !== 'default' ? boot.held : live;
  const liveHolds = holds(subject, born, want);
  if (kind.onDisk) return liveHolds ? [] : ['live'];
  const unreadable = typeof boot.held === 'object' && 'unreadable' in boot.held;
  const bootHolds =
    boot.held === 'default'
      ? liveHolds && comesBack(subject, request, asked)
      : unreadable || holds(subject, boot.held, want);
  return [...(liveHolds ? [] : ['live' as const]), ...(bootHolds ? [] : ['boot' as const])];
};

const settingOf = (subject: Subject, request: Request): Setting => {
  const {want, asked, limit} = wantOf(subject, request);
  const {facts, kind, rest} = subject;
  const undo = kind.undo(facts, rest, want);
  return {
    id: request.id,
    live: subject.live,
    boot: subject.boot,
    want,
    pending: pendingLayers(subject, request, {want, asked}),
    why: request.why,
    source: request.source,
    from: request.from,
    effect: kind.effect(facts, rest),
    undo,
    ...(request.cost === undefined ? {} : {cost: request.cost}),
    ...(limit === undefined ? {} : {limit}),
    ...(request.unconfirmed === undefined ? {} : {unconfirmed: request.unconfirmed}),
    ...request.extent,
  };
};

const refusal = (request: Request, reason: string): Decision =>
  request.from.layer === 'inventory' || request.from.layer === 'recipe'
    ? {
        block: {
          id: request.id,
          reason,
          hint: `asked for by ${request.from.at}`,
          ...(request.extent?.phase === undefined ? {} : {phase: request.extent.phase}),
        },
      }
    : undefined;

/**
 * Why an address that holds nothing is no setting of this host; undefined where it is one to come: an argument, a mount, or
 * a queue that is there once the channels have grown.
 */
const missing = (live: Held, kind: string, asked: boolean): string | undefined => {
  if (live === 'unsupported') return 'this host does not have it';
  if (live !== 'absent') return undefined;
  if (kind === 'sysctl') return 'the module that it belongs to is not loaded on this host';
  if (kind === 'nic') return 'this host has no NIC of this name';
  return asked && (kind === 'irq' || kind === 'queue') ? 'this host has no such queue or vector' : undefined;
};

// What a recipe asked for by name must be known before it can be called done.
const unread = (kind: ResourceKind, live: Held, {from}: Request): string | undefined =>
  from.layer === 'recipe' && kind.reads && typeof live === 'object' && 'unreadable' in live
    ? `it cannot be read: ${live.unreadable}`
    : undefined;

/**
 * A setting that nobody sets and that holds the kernel's default will hold it at the next boot too. Where it holds something
 * else, an older kernel or a distribution may have another default: that stays `default`.
 */
const bootOf = (facts: Facts, kind: ResourceKind, rest: string, live: Held, standard: string | undefined): Boot => {
  if (kind.onDisk) return {held: live};
  const boot = kind.boot(facts, rest);
  const now = valueOf(live);
  if (boot.held !== 'default' || standard === undefined || now === undefined) return boot;
  return kind.same(facts, rest, now, standard) ? {held: {value: standard}, by: 'the kernel’s default'} : boot;
};

/** Looks a request's setting up in the facts and decides what shall become of it. */
export const decide = (facts: Facts, request: Request, defaults: KernelDefaults): Decision => {
  const {kind: name, rest} = splitId(request.id);
  const kind = kindOf(name);
  if (!kind) return refusal(request, 'no such kind of setting');
  const live = kind.live(facts, rest);
  const reason = missing(live, name, request.from.layer === 'inventory') ?? unread(kind, live, request);
  if (reason !== undefined) return refusal(request, reason);
  const standard = defaults.get(request.id);
  const subject = {facts, kind, rest, live, boot: bootOf(facts, kind, rest, live, standard), standard};
  const setting = settingOf(subject, request);
  const fixed = setting.pending.includes('live') ? kind.fixed?.(facts, rest, setting.want) : undefined;
  return fixed === undefined ? {setting} : refusal(request, `it cannot be changed: ${fixed}`);
};
