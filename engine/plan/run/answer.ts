/** How a run stands; the last four are final. */
export type RunState =
  | 'starting'
  | 'applying'
  | 'awaiting'
  | 'undoing'
  | 'persisting'
  | 'confirmed'
  | 'unpersisted'
  | 'undone'
  | 'undo-failed';

/** One line of a run's log. `change` is the place of the change among the guarded and then the lasting ones. */
export type RunEvent =
  | {event: 'begin' | 'done' | 'undone'; change: number}
  | {event: 'limit' | 'undo-failed'; change: number; text: string}
  | {event: 'failed'; change?: number; text: string}
  | {event: 'persist-failed'; change?: number; text: string}
  | {event: 'settling' | 'note'; text: string}
  | {event: 'undo'; text: string}
  | {event: 'awaiting'; seconds: number}
  | {event: 'confirmed' | 'persisting'};

/** What the host says of a run. */
export type RunAnswer =
  | {
      state: RunState;
      /** Where its journal lies. */
      journal: string;
      /** Seconds until the guard undoes it; absent when unknown. */
      left?: number;
      guarded: boolean;
      /** Lines of the log that have come with this answer, whether they say anything to us or not. */
      lines: number;
      events: readonly RunEvent[];
    }
  | {refused: string; text: string}
  | undefined;

const STATES: readonly string[] = [
  'starting',
  'applying',
  'awaiting',
  'undoing',
  'persisting',
  'confirmed',
  'unpersisted',
  'undone',
  'undo-failed',
] satisfies RunState[];

const isState = (word: string | undefined): word is RunState => word !== undefined && STATES.includes(word);

/** The state that a word of a host names; undefined when it names none. */
export const stateOf = (word: string | undefined): RunState | undefined => (isState(word) ? word : undefined);

/** Whether nothing will come of the run any more. */
export const isOver = (state: RunState): boolean =>
  state === 'confirmed' || state === 'unpersisted' || state === 'undone' || state === 'undo-failed';

/** One line of the log; undefined for those that are only for people. */
export const parseEvent = (line: string): RunEvent | undefined => {
  const [, event = '', rest = ''] = /^(\S+) ?(.*)$/.exec(line) ?? [];
  const [, number = '-', text = ''] = /^(\d+|-) ?(.*)$/.exec(rest) ?? [];
  const change = Number(number);
  if (event === 'begin' || event === 'done' || event === 'undone') return {event, change};
  if (event === 'limit' || event === 'undo-failed') return {event, change, text};
  if (event === 'failed' || event === 'persist-failed') return number === '-' ? {event, text} : {event, change, text};
  if (event === 'settling' || event === 'undo' || event === 'note') return {event, text: rest};
  if (event === 'awaiting') return {event, seconds: Number(rest)};
  if (event === 'confirmed' || event === 'persisting') return {event};
  return undefined;
};

/** All events of a run's log. */
export const parseLog = (text: string): readonly RunEvent[] =>
  text.split('\n').flatMap((line) => {
    const event = parseEvent(line);
    return event ? [event] : [];
  });

/** Reads what start, follow, confirm and undo answer; undefined where the answer is not whole. */
export const parseAnswer = (stdout: string): RunAnswer => {
  const text = /^([\s\S]*?)(?:^|\n)end\n$/.exec(stdout)?.[1];
  if (text === undefined) return undefined;
  const [, refused, why = ''] = /(?:^|\n)refused (\S+) ?(.*)$/.exec(text) ?? [];
  if (refused !== undefined) return {refused, text: why};
  const [head = '', log = ''] = text.split(/\nlog(?:\n|$)/, 2);
  const words = new Map(
    head.split('\n').map((line) => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)]),
  );
  const state = stateOf(words.get('state'));
  if (state === undefined) return undefined;
  const left = Number(words.get('left') ?? Number.NaN);
  return {
    state,
    journal: words.get('journal') ?? '',
    ...(Number.isFinite(left) && {left}),
    guarded: words.get('guard') === 'running',
    lines: log === '' ? 0 : log.split('\n').length,
    events: parseLog(log),
  };
};
