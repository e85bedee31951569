import {follow, lastLines, type Follower} from './build-follow.ts';
import type {BuildProgress, ProgressOptions} from './build-progress.ts';
import {duration, whyText} from './render/build.ts';

const PULSE_MS = 30_000;

/** A line for whatever happens, and one every half minute for what lasts. */
export const plainProgress = ({why, output}: ProgressOptions): BuildProgress => {
  const running = new Map<string, Follower>();
  const say = (stage: string, text: string): void => {
    output.err(`${stage}: ${text}\n`);
  };
  const pulse = setInterval(() => {
    for (const [stage, follower] of running) say(stage, follower.text());
  }, PULSE_MS).unref();
  return {
    onEvent(event) {
      if (event.event === 'source') output.err(`fetching ${event.source}\n`);
      else if (event.event === 'planned') {
        if (why) say(event.stage, event.found ? 'nothing has changed' : `is made anew${whyText(event.why)}`);
      } else if (event.event === 'waiting') say(event.stage, 'somebody else builds it just now; waiting');
      else if (event.event === 'started') {
        running.set(event.stage, follow());
        say(event.stage, 'started');
      } else if (event.event === 'line') running.get(event.stage)?.hear(event.line);
      else if (event.event === 'built') {
        running.delete(event.stage);
        say(event.stage, `built in ${duration(event.stored.tookMs)}`);
      } else if (event.event === 'failed') {
        const follower = running.get(event.stage);
        running.delete(event.stage);
        if (follower) output.err(lastLines(event.stage, follower, output));
        say(event.stage, output.paintError('redBright', 'failed'));
      } else say(event.stage, event.needs === undefined ? 'not tried' : `not tried, since it needs ${event.needs}`);
    },
    stop: async () => {
      clearInterval(pulse);
      return Promise.resolve();
    },
  };
};
