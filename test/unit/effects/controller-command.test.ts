import {existsSync, readFileSync} from 'node:fs';
import path from 'node:path';
import {setTimeout as pause} from 'node:timers/promises';
import test from 'ava';
import {environmentOf, runCommand} from '../../../engine/effects/controller-command.ts';
import {temporaryFolder} from '../../support/cli.ts';

const folder = temporaryFolder();
const plain = {environment: {}, timeoutMs: 20_000};

const sleeps = (pid: number): boolean => existsSync(`/proc/${String(pid)}`);

/** Waits for something that is on its way. */
const until = async (holds: () => boolean): Promise<boolean> => {
  for (let tries = 0; tries < 500 && !holds(); tries++) await pause(20);
  return holds();
};

/** A command with a child of its own, whose number it writes to a file. */
const withChild = (file: string): string => `sleep 300 & echo $! >${file}.new; mv ${file}.new ${file}; wait`;

const childOf = async (file: string): Promise<number> => {
  await until(() => existsSync(file));
  return Number(readFileSync(file, 'utf8'));
};

test('status 0 is well; another one is told with the last line of what was said', async (t) => {
  t.is(await runCommand('true', plain), undefined);
  t.is(await runCommand('exit 3', plain), 'ended with status 3');
  t.is(await runCommand('echo first; echo no such pool >&2; exit 1', plain), 'ended with status 1: no such pool');
  t.is(await runCommand('kill -KILL $$', plain), 'was ended by SIGKILL');
  t.is(await runCommand('printf "\\033[31mred\\n"; exit 1', plain), String.raw`ended with status 1: \x1b[31mred`);
});

test('it learns of the host that it is run for, beside the controller’s own environment', async (t) => {
  const environment = environmentOf(
    {via: 'ssh', name: 'web1', address: '192.0.2.7', port: 2222, user: 'ops', arguments: [], connectTimeoutSeconds: 1},
    '20261120T100000Z-abcdef',
  );
  const told = '$LINERATE_HOST $LINERATE_ADDRESS $LINERATE_PORT $LINERATE_USER $LINERATE_APPLY';
  const wanted = 'web1 192.0.2.7 2222 ops 20261120T100000Z-abcdef';
  t.is(await runCommand(`test "${told}" = "${wanted}" && test -n "$PATH"`, {...plain, environment}), undefined);
  t.deepEqual(environmentOf({via: 'local', name: 'localhost'}, 'id'), {
    LINERATE_HOST: 'localhost',
    LINERATE_ADDRESS: 'localhost',
    LINERATE_APPLY: 'id',
  });
});

test('one that takes too long is ended with all that it has started', async (t) => {
  const file = path.join(folder, 'late');
  const why = await runCommand(withChild(file), {...plain, timeoutMs: 1000});
  t.is(why, 'was not done within 1 s');
  const child = await childOf(file);
  t.true(await until(() => !sleeps(child)));
});

test('an interrupt ends it, also where it does not listen to SIGTERM', async (t) => {
  const file = path.join(folder, 'interrupted');
  const abort = new AbortController();
  const running = runCommand(`trap : TERM; ${withChild(file)}; sleep 300`, {...plain, signal: abort.signal});
  const child = await childOf(file);
  abort.abort();
  t.is(await running, 'was interrupted');
  t.true(await until(() => !sleeps(child)));
  t.is(await runCommand('true', {...plain, signal: abort.signal}), 'was not run: interrupted');
});

test('what it leaves behind in the background does not hold it up', async (t) => {
  const file = path.join(folder, 'background');
  t.is(await runCommand(`sleep 300 & echo $! >${file}; exit 2`, plain), 'ended with status 2');
  process.kill(Number(readFileSync(file, 'utf8')));
});
