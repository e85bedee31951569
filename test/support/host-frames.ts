import {readFileSync} from 'node:fs';
import type {Frames, Run} from '../../engine/facts/frames.ts';

/** What a host answered, written by hand: texts by path, link targets, listings, commands' output. */
export type Answers = {
  files?: Readonly<Record<string, string>>;
  links?: Readonly<Record<string, string>>;
  lists?: Readonly<Record<string, readonly string[]>>;
  runs?: Readonly<Record<string, string | Run>>;
  absent?: readonly string[];
  refused?: Readonly<Record<string, string>>;
};

/** Frames as `parseFrames` gives them. */
export const framesOf = (answers: Answers): Frames => ({
  files: new Map(Object.entries(answers.files ?? {})),
  links: new Map(Object.entries(answers.links ?? {})),
  lists: new Map(Object.entries(answers.lists ?? {})),
  runs: new Map(
    Object.entries(answers.runs ?? {}).map(([name, run]) => [
      name,
      typeof run === 'string' ? {status: 0, output: run.trimEnd()} : run,
    ]),
  ),
  absent: new Set(answers.absent ?? []),
  refused: new Map(Object.entries(answers.refused ?? {})),
  complete: true,
  preamble: '',
});

/** A fixture of ethtool answers, by command line: a line `# ethtool …` begins each. */
export const ethtoolFixture = (name: string): Readonly<Record<string, string>> => {
  const text = readFileSync(new URL(`../fixtures/ethtool/${name}.txt`, import.meta.url), 'utf8');
  const answers = text.split(/^# (?=ethtool )/m).slice(1);
  return Object.fromEntries(
    answers.map((answer) => [answer.slice(0, answer.indexOf('\n')), answer.slice(answer.indexOf('\n') + 1)]),
  );
};
