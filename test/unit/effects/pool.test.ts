import test from 'ava';
import {runPool} from '../../../engine/effects/pool.ts';

const turn = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });

test('no more than so many forks run at once, and all of them are used', async (t) => {
  let now = 0;
  let most = 0;
  const results = await runPool(
    Array.from({length: 40}, (_, index) => index),
    async (number) => {
      now += 1;
      most = Math.max(most, now);
      for (let turns = 0; turns < (number * 7) % 5; turns++) await turn();
      now -= 1;
      return number * 2;
    },
    {forks: 6},
  );
  t.is(most, 6);
  t.deepEqual(
    results,
    Array.from({length: 40}, (_, index) => index * 2),
  );
});

test('no hosts, no results', async (t) => {
  t.deepEqual(await runPool([], () => Promise.resolve(1)), []);
});

test('the signal reaches jobs that run and jobs that have not begun', async (t) => {
  const abort = new AbortController();
  const job = async (number: number, signal: AbortSignal): Promise<boolean> => {
    if (number === 1) abort.abort();
    await turn();
    return signal.aborted;
  };
  t.deepEqual(await runPool([0, 1, 2, 3], job, {forks: 2, signal: abort.signal}), [true, true, true, true]);
});
