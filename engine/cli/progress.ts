import {Listr, ListrLogger, ProcessOutput} from 'listr2';
import {printableLine} from '../model/printable.ts';
import type {Output} from './output.ts';

/** Shows which hosts are being read while it lasts; every word of it goes to standard error. */
export type Progress = {
  start: (host: string) => void;
  finish: (host: string) => void;
  /** Clears the lines. */
  stop: () => Promise<void>;
};

const SILENT: Progress = {start: () => undefined, finish: () => undefined, stop: async () => Promise.resolve()};

/** Many hosts on a terminal get a live line; one host, a pipe or CI gets none. */
export const hostProgress = (total: number, output: Output): Progress => {
  if (!output.interactive || total < 2) return SILENT;
  const open = new Set<string>();
  let done = 0;
  let show = (): void => undefined;
  let end = (): void => undefined;
  const finished = new Promise<void>((resolve) => {
    end = resolve;
  });
  const list = new Listr(
    [
      {
        title: `reading ${String(total)} hosts`,
        task: async (_, task) => {
          show = () => {
            task.title = `reading hosts: ${String(done)} of ${String(total)}`;
            task.output = printableLine([...open].slice(0, 8).join(', '), 100);
          };
          await finished;
        },
      },
    ],
    {
      rendererOptions: {
        clearOutput: true,
        logger: new ListrLogger({processOutput: new ProcessOutput(process.stderr, process.stderr)}),
      },
    },
  );
  const running = list.run();
  return {
    start(host) {
      open.add(host);
      show();
    },
    finish(host) {
      open.delete(host);
      done++;
      show();
    },
    async stop() {
      end();
      await running;
    },
  };
};
