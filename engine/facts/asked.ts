import type {Held} from '../model/setting.ts';
import {shellQuote} from '../model/shell.ts';
import type {Frames} from './frames.ts';

/** What a recipe's addresses were read to hold: the text of each, by its setting id. */
export type Asked = Readonly<Record<string, string>>;

const PREFIX = 'asked ';

/** The frame of one address, in the probe's functions; `words` is what the shell puts there: `"$(cat /etc/x)"`. */
export const sayAsked = (id: string, words: string): string => `say ${shellQuote(PREFIX + id)} ${words}`;

/** The addresses among what a probe brought back. */
export const parseAsked = (frames: Frames): Asked =>
  Object.fromEntries(
    [...frames.runs].flatMap(([name, {output}]) =>
      name.startsWith(PREFIX) ? [[name.slice(PREFIX.length), output] as const] : [],
    ),
  );

/** What was read of an address; undefined where nobody asked for it. */
export const askedOf = ({asked}: {asked: Asked}, id: string): string | undefined =>
  Object.hasOwn(asked, id) ? asked[id] : undefined;

/** What an address holds, out of what was read of it; one that nobody asked for is unreadable. */
export const heldAsked = (facts: {asked: Asked}, id: string, held: (text: string) => Held): Held => {
  const text = askedOf(facts, id);
  return text === undefined ? {unreadable: 'it was not read'} : held(text);
};
