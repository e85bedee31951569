import {fetchSource} from '../../../engine/effects/sources/index.ts';
import {openStore} from '../../../engine/effects/store/open-store.ts';
import {Fault} from '../../../engine/model/fault.ts';
import type {LockedSource} from '../../../engine/stages/sources/lock.ts';

// Fetches a source, as a program of its own that a test can end or put on a small disk.
const [folder = '', locked = ''] = process.argv.slice(2);
const context = {folder, environment: {}, signal: new AbortController().signal, retryPauseMs: 1};
try {
  process.stdout.write(
    await fetchSource('x', JSON.parse(locked) as LockedSource, openStore(`${folder}/store`), context),
  );
} catch (error) {
  if (!(error instanceof Fault)) throw error;
  process.stdout.write(JSON.stringify({code: error.code, message: error.message}));
}
