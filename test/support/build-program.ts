import path from 'node:path';
import {buildStages} from '../../engine/actions/build.ts';
import {openBuilders} from '../../engine/effects/builders/open-builders.ts';
import {openStore} from '../../engine/effects/store/open-store.ts';
import {Fault} from '../../engine/model/fault.ts';
import type {Stage} from '../../engine/stages/stage.ts';

/** See `buildProgram` of `builds.ts`. */
const [folder = '', text = '[]'] = process.argv.slice(2);

const say = (value: unknown): void => {
  process.stdout.write(`${JSON.stringify(value)}\n`);
};

try {
  const {stages} = await buildStages(JSON.parse(text) as Stage[], {
    store: openStore(folder),
    sources: {locked: {}, fetch: async () => Promise.reject(new Error('there are no sources'))},
    builder: openBuilders({
      cache: path.join(folder, 'cache'),
      ccache: false,
      onWarning: (warning) => {
        say({warning});
      },
    }),
    signal: new AbortController().signal,
    processors: 1,
    onEvent: say,
    debug: process.env['DEBUG_STAGES'] === 'yes',
  });
  for (const stage of stages)
    if (stage.state === 'failed')
      for (const {code, message} of stage.faults) {
        say({code, message});
        process.exitCode = 3;
      }
} catch (error) {
  if (!(error instanceof Fault)) throw error;
  say({code: error.code, message: error.message});
  process.exitCode = 3;
}
