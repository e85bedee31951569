import {Listr, ListrLogger, ProcessOutput, type ListrTask} from 'listr2';
import {follow, lastLines, type Follower} from './build-follow.ts';
import type {BuildProgress, ProgressOptions} from './build-progress.ts';
import {duration, whyText} from './render/build.ts';

type Shown = {
  stage: string;
  title: string;
  end: (error?: Error) => void;
  task: ListrTask;
  change: (text: string) => void;
};

const shownStage = (stage: string, title: string): Shown => {
  let latest = title;
  let show = (): void => undefined;
  let end = (_error?: Error): void => undefined;
  const over = new Promise<void>((resolve, reject) => {
    end = (error) => {
      if (error) reject(error);
      else resolve();
    };
  });
  // What ends before its line is shown is no surprise to anybody.
  over.catch(() => undefined);
  const task: ListrTask = {
    title,
    task: async (_, wrapper) => {
      show = () => {
        wrapper.title = latest;
      };
      show();
      await over;
    },
  };
  const change = (text: string): void => {
    latest = text;
    show();
  };
  return {stage, title, task, end, change};
};

const SECOND = 1000;

/** A line for each stage that is to be made, with how far it has come. */
export const liveProgress = ({why, parallel, output}: ProgressOptions): BuildProgress => {
  const shown = new Map<string, Shown>();
  const running = new Map<string, Follower>();
  const failures: string[] = [];
  let list: Promise<unknown> | undefined;
  const start = (): void => {
    list ??= new Listr(
      [...shown.values()].map(({task}) => task),
      {
        concurrent: parallel,
        exitOnError: false,
        rendererOptions: {
          showErrorMessage: false,
          collapseErrors: false,
          logger: new ListrLogger({processOutput: new ProcessOutput(process.stderr, process.stderr)}),
        },
      },
    ).run();
  };
  const tick = setInterval(() => {
    for (const [stage, follower] of running) shown.get(stage)?.change(`${stage}: ${follower.text()}`);
  }, SECOND).unref();
  const finish = (stage: string, text: string, error?: Error): void => {
    running.delete(stage);
    shown.get(stage)?.change(`${stage}: ${text}`);
    shown.get(stage)?.end(error);
  };
  return {
    onEvent(event) {
      if (event.event === 'planned') {
        if (event.found) {
          if (why) output.err(`${event.stage}: nothing has changed\n`);
        } else shown.set(event.stage, shownStage(event.stage, `${event.stage}${why ? whyText(event.why) : ''}`));
        return;
      }
      start();
      if (event.event === 'started') running.set(event.stage, follow());
      else if (event.event === 'line') running.get(event.stage)?.hear(event.line);
      else if (event.event === 'waiting')
        shown.get(event.stage)?.change(`${event.stage}: somebody else builds it; waiting`);
      else if (event.event === 'built') finish(event.stage, `built in ${duration(event.stored.tookMs)}`);
      else if (event.event === 'failed') {
        const follower = running.get(event.stage);
        if (follower) failures.push(lastLines(event.stage, follower, output));
        finish(event.stage, 'failed', new Error('failed'));
      } else if (event.event === 'skipped') finish(event.stage, 'not tried', new Error('not tried'));
    },
    async stop() {
      clearInterval(tick);
      for (const one of shown.values()) one.end(new Error('ended'));
      await list;
      for (const text of failures) output.err(text);
    },
  };
};
