import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {runScript} from '../../../engine/effects/inventory/run-script.ts';
import {Fault} from '../../../engine/model/fault.ts';

const withScript = async (text: string, use: (file: string, folder: string) => Promise<void>): Promise<void> => {
  const folder = await mkdtemp(path.join(tmpdir(), 'linerate-script-'));
  const file = path.join(folder, 'inventory');
  try {
    await writeFile(file, `#!/bin/sh\n${text}`, {mode: 0o755});
    await use(file, folder);
  } finally {
    await rm(folder, {recursive: true, force: true});
  }
};

/** Whether a child of the script, whose number it wrote down, is gone or only waits to be reaped. */
const isGone = async (folder: string): Promise<boolean> => {
  const number = (await readFile(path.join(folder, 'child'), 'utf8')).trim();
  const status = await readFile(`/proc/${number}/stat`, 'utf8').catch(() => '');
  return status === '' || /\) [ZX] /.test(status);
};

const waitUntil = async (t: ExecutionContext, holds: () => Promise<boolean>, what: string): Promise<void> => {
  let held = await holds();
  for (let tries = 0; tries < 500 && !held; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    held = await holds();
  }
  t.true(held, what);
};

const STARTS_A_CHILD = 'sleep 300 &\necho $! >"${0%/*}/child"\n';

test('both streams come back, and the arguments are those of Ansible', async (t) => {
  await withScript('echo "$@"; echo oops >&2; cat', async (file) => {
    t.deepEqual(await runScript(file, ['--host', 'a b'], {timeoutMs: 20_000}), {
      stdout: '--host a b\n',
      stderr: 'oops\n',
    });
  });
});

test('a script that takes too long is ended with all that it has started', async (t) => {
  await withScript(`${STARTS_A_CHILD}wait`, async (file, folder) => {
    await t.throwsAsync(runScript(file, ['--list'], {timeoutMs: 1000}), {
      instanceOf: Fault,
      message: /did not answer within 1 s/,
    });
    await waitUntil(t, async () => isGone(folder), 'the child of the script still runs');
  });
});

test('a script that leaves a child with its output open is ended too', async (t) => {
  await withScript(`${STARTS_A_CHILD}exit 0`, async (file, folder) => {
    await t.throwsAsync(runScript(file, ['--list'], {timeoutMs: 1000}), {message: /did not answer within 1 s/});
    await waitUntil(t, async () => isGone(folder), 'the child of the script still runs');
  });
});

test('an interruption ends it', async (t) => {
  await withScript(`${STARTS_A_CHILD}wait`, async (file, folder) => {
    const controller = new AbortController();
    const run = runScript(file, ['--list'], {timeoutMs: 60_000, signal: controller.signal});
    const ended = t.throwsAsync(run, {instanceOf: Fault, message: /was interrupted/});
    await waitUntil(
      t,
      async () =>
        readFile(path.join(folder, 'child')).then(
          () => true,
          () => false,
        ),
      'it did not start',
    );
    controller.abort();
    await ended;
    await waitUntil(t, async () => isGone(folder), 'the child of the script still runs');
  });
});

test('output without end is cut off', async (t) => {
  await withScript('exec cat /dev/zero', async (file) => {
    await t.throwsAsync(runScript(file, ['--list'], {timeoutMs: 120_000}), {message: /printed more than 64 MiB/});
  });
});

test('a signal is told', async (t) => {
  await withScript('kill -TERM $$', async (file) => {
    await t.throwsAsync(runScript(file, ['--list'], {timeoutMs: 20_000}), {message: /was ended by SIGTERM/});
  });
});
