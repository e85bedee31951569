import {printable, printableLine} from '../../model/printable.ts';
import {applyOf, rolledBackBy} from '../../plan/rollback/applies.ts';
import type {RunEvent} from '../../plan/run/answer.ts';
import {isUnfinished, type Journal} from '../../plan/run/history.ts';
import type {Output, Style} from '../output.ts';

const count = ({changes, lasting}: Journal): number => changes.length + lasting.length;

const idOf = ({changes, lasting}: Journal, change: number | undefined): string =>
  change === undefined ? 'the run' : ([...changes, ...lasting][change]?.id ?? `change ${String(change)}`);

const changeOf = (event: RunEvent): number | undefined => ('change' in event ? event.change : undefined);

/** Why a run was undone, or its files were not written. */
const reasonOf = (journal: Journal): string => {
  const of = (name: RunEvent['event']): string | undefined => {
    const event = journal.events.find((one) => one.event === name);
    if (!event || !('text' in event)) return undefined;
    const text = printableLine(event.text);
    return event.event === 'undo' ? text : `${idOf(journal, changeOf(event))}: ${text}`;
  };
  return of('failed') ?? of('persist-failed') ?? of('undo') ?? 'no reason is known';
};

const notUndone = (journal: Journal): string =>
  journal.events
    .flatMap((event) =>
      event.event === 'undo-failed' ? [`${idOf(journal, event.change)}: ${printableLine(event.text)}`] : [],
    )
    .join('; ');

type Words = {text: string; style: Style};

const trialWords = (journal: Journal): Words => {
  if (journal.state === 'confirmed') return {text: 'kept', style: 'green'};
  if (journal.state === 'unpersisted')
    return {text: 'kept until the next reboot: it was not made to last', style: 'yellow'};
  if (journal.state === 'undone') return {text: `fell back: ${reasonOf(journal)}`, style: 'yellow'};
  if (journal.state === 'undo-failed')
    return {text: `fell back, but for its traces: ${reasonOf(journal)}`, style: 'red'};
  return {text: `unfinished (${journal.state}): it goes on, or the host’s next reboot ends it`, style: 'red'};
};

/** What came of a run, in words. */
const stateWords = (journals: readonly Journal[], journal: Journal): Words => {
  const by = rolledBackBy(journals, applyOf(journal.id));
  if (by !== undefined) return {text: `rolled back by ${by}`, style: 'dim'};
  if (journal.trial) return trialWords(journal);
  if (journal.state === 'undone') return {text: `undone: ${reasonOf(journal)}`, style: 'yellow'};
  if (journal.state === 'undo-failed')
    return {text: `undone but for: ${notUndone(journal)} (${reasonOf(journal)})`, style: 'red'};
  if (journal.state === 'unpersisted')
    return {text: `confirmed, not yet persisted: ${reasonOf(journal)}`, style: 'yellow'};
  if (isUnfinished(journal))
    return {text: `unfinished (${journal.state}): it goes on, or the next run undoes it`, style: 'red'};
  return {text: 'confirmed', style: 'green'};
};

const facts = (journal: Journal): string => {
  const {id, at, by, from, rollback, trial} = journal;
  return [
    id,
    at.replace(/\.\d+Z$/, 'Z'),
    from === undefined ? `${by} on the host itself` : `${by} from ${from}`,
    trial
      ? `trial boot with ${trial.tries}`
      : `${String(count(journal))} ${count(journal) === 1 ? 'change' : 'changes'}`,
    ...(rollback ? [`rolls back ${rollback.apply}`] : []),
  ]
    .map((text) => printable(text))
    .join('  ');
};

/** A line a run: the newest last. */
export const renderHistory = (host: string, journals: readonly Journal[], output: Output): string => {
  const lines = journals.map((journal) => {
    const {text, style} = stateWords(journals, journal);
    return `  ${facts(journal)}  ${output.paint(style, printable(text))}`;
  });
  return [output.paint('bold', printable(host)), ...(lines.length === 0 ? ['  no runs'] : lines), ''].join('\n');
};

const eventText = (journal: Journal, event: RunEvent): string => {
  const id = 'change' in event ? ` ${idOf(journal, event.change)}` : '';
  const text = 'text' in event ? ` ${event.text}` : '';
  return `${event.event}${id}${'seconds' in event ? ` ${String(event.seconds)} s` : ''}${id !== '' && text !== '' ? ':' : ''}${text}`;
};

const changeText = ({id, layer, before, after}: Journal['changes'][number] | Journal['lasting'][number]): string =>
  `${id}${layer === 'boot' ? ' (boot)' : ''}: ${before ?? 'nothing'} → ${after}`;

/** One run in full: its changes with their values before and after, and its log. */
export const renderRun = (host: string, journals: readonly Journal[], journal: Journal, output: Output): string => {
  const {text, style} = stateWords(journals, journal);
  return [
    `${output.paint('bold', printable(host))} ${facts(journal)}`,
    `  ${output.paint(style, printable(text))}; its journal: ${printable(journal.folder)}`,
    '  changes',
    ...[...journal.changes, ...journal.lasting].map((change) => `    ${printableLine(changeText(change))}`),
    '  log',
    ...journal.events.map((event) => `    ${printableLine(eventText(journal, event))}`),
    '',
  ].join('\n');
};
