import type {Facts} from '../facts/facts.ts';
import {isOwnFile} from '../facts/own-files.ts';
import type {Boot, Held} from '../model/setting.ts';
import {kindOf} from '../resources/kinds.ts';
import {splitId} from '../resources/lookup.ts';
import type {ResourceKind} from '../resources/resource.ts';
import type {Request} from './request.ts';
import {limited, settled, valueOf} from './wanted.ts';

type Subject = {facts: Facts; kind: ResourceKind; rest: string; live: Held; boot: Boot};

/** Whether linerate made the value of the next boot. */
const isOurs = ({by}: Boot): boolean => by !== undefined && isOwnFile(by.replace(/:\d+$/, ''));

const isOneOf = ({facts, kind, rest}: Subject, value: string, others: readonly string[]): boolean =>
  others.some((other) => kind.same(facts, rest, value, other));

/** Nobody chose what the host holds, or linerate did. */
const isUnchosen = (subject: Subject, asked: string, insteadOf: readonly string[]): boolean => {
  const [now, next] = [valueOf(subject.live), valueOf(subject.boot.held)];
  const open = [...insteadOf, asked];
  if (next !== undefined && isOurs(subject.boot)) return true;
  return now !== undefined && isOneOf(subject, now, open) && (next === undefined || isOneOf(subject, next, open));
};

/** What was once asked for is there, now or in a file of linerate's own. */
const isHeld = (subject: Subject, request: Request, asked: string): boolean => {
  const held = [valueOf(subject.live), isOurs(subject.boot) ? valueOf(subject.boot.held) : undefined];
  return held.some(
    (value) => value !== undefined && isOneOf(subject, value, [settled(request.operation, asked, value)]),
  );
};

/** Whether a request is meant on this host as it stands: see `SheetEntry.insteadOf` and `SheetEntry.seen`. */
export const applies = (facts: Facts, request: Request): boolean => {
  const {insteadOf, seen = true} = request;
  if (insteadOf === undefined && seen) return true;
  const {kind: name, rest} = splitId(request.id);
  const kind = kindOf(name);
  if (!kind) return seen;
  const subject = {facts, kind, rest, live: kind.live(facts, rest), boot: kind.boot(facts, rest)};
  const asked = limited(facts, kind, rest, request).want;
  return (
    (insteadOf === undefined || isUnchosen(subject, asked, insteadOf)) && (seen || isHeld(subject, request, asked))
  );
};
