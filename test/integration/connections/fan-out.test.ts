import {readdir, readFile} from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import {setTimeout as pause} from 'node:timers/promises';
import test from 'ava';
import type {Target} from '../../../engine/effects/connection.ts';
import {runPool} from '../../../engine/effects/pool.ts';
import {Fault} from '../../../engine/model/fault.ts';
import {startLab, type Lab} from '../../support/lab/lab.ts';
import {faultOn, hostAt, runOn} from '../../support/lab/runs.ts';

type SshTarget = Target & {via: 'ssh'};

let lab: Lab;

// The bastions let no ninth login begin while eight are not done: nothing is left to chance as with 10:30:100.
test.before(async () => {
  const locked = 'AuthorizedKeysFile none';
  const few = 'MaxStartups 9:100:9';
  const hosts = [{}, {}, {}, {sshd: [locked]}, {sshd: [few]}, {sshd: [few, locked]}];
  lab = await startLab({hosts: [...hosts, {sshd: [locked, 'PasswordAuthentication yes']}]});
});

test.after.always(async () => lab?.stop());

const [BROKEN, BASTION, LOCKED_BASTION, ASKING_BASTION] = [3, 4, 5, 6];

const target = (index: number): SshTarget => hostAt(lab, index).target;

const behind = (bastion: number, count: number): SshTarget[] =>
  Array.from({length: count}, (_, index) => ({
    ...target(index % 2),
    name: `web${String(index)}`,
    arguments: ['-J', hostAt(lab, bastion).name, ...target(0).arguments],
  }));

const sshdLog = (index: number): Promise<string> =>
  readFile(path.join(lab.folder, 'hosts', hostAt(lab, index).name, 'log'), 'utf8');

const count = (text: string, pattern: RegExp): number => text.match(pattern)?.length ?? 0;

/** What each host says its name is, or the fault that it ended with. */
const outcomes = (targets: readonly SshTarget[], forks: number): Promise<(string | Fault)[]> =>
  runPool(
    targets,
    async (host, signal, pacing) => {
      try {
        return (await runOn(host, 'hostname', {signal, pacing})).stdout.trim();
      } catch (error) {
        if (error instanceof Fault) return error;
        throw error;
      }
    },
    {forks},
  );

const nameOrCode = async (targets: readonly SshTarget[], forks: number): Promise<string[]> =>
  (await outcomes(targets, forks)).map((outcome) => (outcome instanceof Fault ? outcome.code : outcome));

test('results come in the order of the hosts, and one failure hides no other host', async (t) => {
  const hosts = [target(2), target(BROKEN), {...target(0), port: 1}, target(1), target(0)];
  t.deepEqual(await nameOrCode(hosts, 2), ['h03', 'ssh-auth', 'ssh-refused', 'h02', 'h01']);
});

test('hosts behind one jump host log in few at a time', async (t) => {
  const names = await nameOrCode(behind(BASTION, 20), 50);
  t.deepEqual(new Set(names), new Set(['h01', 'h02']));
  t.notRegex(await sshdLog(BASTION), /MaxStartups|drop connection/);
});

test('a jump host that refuses the login is not asked again for every host', async (t) => {
  const faults = (await outcomes(behind(LOCKED_BASTION, 20), 50)).filter((outcome) => outcome instanceof Fault);
  const refused = faults.filter(({code}) => code === 'ssh-jump-auth');
  const others = faults.filter(({code}) => code === 'ssh-not-tried');
  t.is(refused.length + others.length, 20);
  t.true(refused.length <= 8);
  // sshd writes its line only after our side has seen the end of the connection.
  const logins = async (): Promise<number> =>
    count(await sshdLog(LOCKED_BASTION), /Connection closed by authenticating user/g);
  for (let tries = 0; tries < 100 && (await logins()) < refused.length; tries++) await pause(50);
  t.is(await logins(), refused.length);
  t.regex(
    refused[0]?.message ?? '',
    /^the way to web\d+ .* is closed: the jump host refused the login: Permission denied/,
  );
  t.regex(others[0]?.message ?? '', /^web\d+ was not tried, as its jump host has refused the login already/);
});

test('a jump host that asks for a password gets none, not even an empty one', async (t) => {
  const [outcome] = await outcomes(behind(ASKING_BASTION, 1), 1);
  t.is(outcome instanceof Fault ? outcome.code : outcome, 'ssh-jump-auth');
  t.regex(outcome instanceof Fault ? outcome.message : '', /the jump host refused the login: .*asks for a password/);
  t.notRegex(await sshdLog(ASKING_BASTION), /Failed password/);
});

test('what the way by a jump host answers is told as its own', async (t) => {
  const [first] = behind(BASTION, 1);
  if (!first) throw new Error('no target');
  const words = target(0).arguments;
  const unnamed = await faultOn({...first, arguments: ['-J', 'nowhere.invalid', ...words]});
  t.regex(unnamed.message, /^the way to web0 .* is closed: the name of the jump host cannot be resolved/);
  const beyond = await faultOn({...first, port: 1});
  t.regex(beyond.message, /^the way to web0 .* is closed: the jump host could not reach it: connect failed/);
});

/** A door before a host that shuts at once for the first so many connections. */
const door = async (shut: number, index = 0): Promise<{target: SshTarget; opened: () => number; close: () => void}> => {
  let opened = 0;
  const server = net.createServer((client) => {
    opened += 1;
    if (opened <= shut) return client.destroy();
    const host = net.connect(22, target(index).address);
    for (const socket of [client, host]) socket.on('error', () => undefined);
    return client.pipe(host).pipe(client);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const words = ['-o', `HostKeyAlias=${target(index).address}`, ...target(index).arguments];
  return {
    target: {...target(index), address: '127.0.0.1', port: address.port, arguments: words},
    opened: () => opened,
    close: () => server.close(),
  };
};

test('a refusal before any login is tried once more', async (t) => {
  const once = await door(1);
  t.is((await runOn(once.target, 'hostname')).stdout, 'h01\n');
  t.is(once.opened(), 2);
  once.close();
});

test('and no more than once', async (t) => {
  const never = await door(99);
  const fault = await faultOn(never.target);
  t.is(fault.code, 'ssh-startup-refused');
  t.is(never.opened(), 2);
  never.close();
});

test('a login that was refused is not tried again', async (t) => {
  const locked = await door(0, BROKEN);
  t.is((await faultOn(locked.target)).code, 'ssh-auth');
  t.is(locked.opened(), 1);
  locked.close();
});

/** The programs that this test has started and that still run. */
const children = async (): Promise<string[]> => {
  const found: string[] = [];
  for (const entry of await readdir('/proc')) {
    const stat = await readFile(`/proc/${entry}/stat`, 'utf8').catch(() => '');
    const [, name, state, parent] = /^\d+ \((.*)\) (\S) (\d+)/.exec(stat) ?? [];
    if (name === 'ssh' && state !== 'Z' && Number(parent) === process.pid) found.push(entry);
  }
  return found;
};

test.serial('an interrupted fan-out ends each host with its fault, and leaves no ssh behind', async (t) => {
  const abort = new AbortController();
  const targets = Array.from({length: 12}, (_, index) => ({...target(index % 3), name: `n${String(index)}`}));
  let answered = 0;
  const faults = await runPool(
    targets,
    (host, signal, pacing) =>
      runOn(host, 'sleep 1000', {
        signal,
        pacing,
        onReady: () => {
          answered += 1;
          if (answered === 3) abort.abort();
        },
      }).then(
        () => 'done',
        (error: unknown) => (error instanceof Fault ? error.code : String(error)),
      ),
    {forks: 5, signal: abort.signal},
  );
  t.deepEqual(new Set(faults), new Set(['interrupted']));
  t.deepEqual(await children(), []);
});

test('an error that is no fault is thrown, once all hosts have ended', async (t) => {
  const ended: number[] = [];
  const job = async (number: number): Promise<void> => {
    await Promise.resolve();
    if (number === 1) throw new TypeError('a bug');
    ended.push(number);
  };
  await t.throwsAsync(runPool([1, 2, 3], job), {instanceOf: TypeError, message: 'a bug'});
  t.deepEqual(ended, [2, 3]);
});
