import {existsSync, readFileSync} from 'node:fs';
import path from 'node:path';
import test from 'ava';
import {disrupts, drainAround, type HostEnd} from '../../../engine/actions/drain.ts';
import type {Target} from '../../../engine/effects/connection.ts';
import type {Change} from '../../../engine/model/change.ts';
import {Fault} from '../../../engine/model/fault.ts';
import {temporaryFolder} from '../../support/cli.ts';
import {runOf, sysctlChange} from '../../support/guarded-runs.ts';

const folder = temporaryFolder();
let files = 0;

const HERE: Target = {via: 'local', name: 'here'};
const NOWHERE: Target = {
  via: 'ssh',
  name: 'nowhere',
  address: '127.0.0.1',
  port: 1,
  arguments: [],
  connectTimeoutSeconds: 5,
};

const harmless = sysctlChange('net/core/somaxconn', '4096', '5000');
const flapping: Change = {...harmless, id: 'nic eth0 mtu', effect: 'link-flap'};

test('links that flap, restarts and reboots disrupt; a sysctl or what only the next boot brings does not', (t) => {
  const inOne = (change: Change): boolean => disrupts(runOf({changes: [harmless, change]}));
  const atBoot = (change: Change): boolean => disrupts(runOf({changes: [harmless], lasting: [change]}));
  t.false(disrupts(runOf({changes: [harmless]})));
  t.true(inOne(flapping));
  t.true(inOne({...harmless, effect: 'restart'}));
  t.true(inOne({...harmless, effect: 'reboot'}));
  t.false(atBoot({...harmless, layer: 'boot', effect: 'reboot'}));
});

const DISRUPTIVE = runOf({changes: [flapping]});

/** What the commands wrote around a host's work, and what is wrong at its end. */
const around = async (
  target: Target,
  end: HostEnd,
  runs = [DISRUPTIVE],
): Promise<{said: string; fault: Fault | undefined}> => {
  const file = path.join(folder, String((files += 1)));
  const {signal} = new AbortController();
  const commands = {drain: `echo out >>${file}`, undrain: `echo in >>${file}`};
  const drain = drainAround(target, {...commands, id: 'apply', signal, onNote: () => undefined});
  for (const run of runs) await drain.beforeRun(run);
  const fault = await drain.end(end);
  return {said: existsSync(file) ? readFileSync(file, 'utf8') : '', fault};
};

test('a host is drained once, whatever the number of its runs, and put back once', async (t) => {
  const run = runOf({changes: [harmless]});
  t.deepEqual(await around(HERE, {}, [run, DISRUPTIVE, run, DISRUPTIVE]), {said: 'out\nin\n', fault: undefined});
  t.deepEqual(await around(HERE, {}, [run]), {said: '', fault: undefined});
});

test('a host that is as it was is put back', async (t) => {
  const undone: HostEnd = {stopped: {outcome: 'interrupted', journal: '', notUndone: []}};
  t.is((await around(HERE, undone)).said, 'out\nin\n');
  const refused: HostEnd = {stopped: {outcome: 'refused', code: 'locked', reason: '', hint: ''}};
  t.is((await around(HERE, refused)).said, 'out\nin\n');
});

test('a host that is lost, or could not be undone whole, stays drained, and that is said', async (t) => {
  const lost = await around(HERE, {stopped: {outcome: 'lost', reason: 'silence'}});
  t.is(lost.said, 'out\n');
  t.is(lost.fault?.message, 'here stays drained: it does not answer');
  t.is(lost.fault?.code, 'undrain-failed');
  const notUndone = [{id: 'nic eth0 mtu', text: 'no such device'}];
  const half = await around(HERE, {stopped: {outcome: 'interrupted', journal: '', notUndone}});
  t.is(half.said, 'out\n');
  t.is(half.fault?.message, 'here stays drained: it could not be undone whole');
});

test('after a fault a host is put back only when it answers', async (t) => {
  const fault = new Fault({code: 'ssh-dropped', owner: 'unreachable', message: 'cut'});
  t.is((await around(HERE, {fault})).said, 'out\nin\n');
  const away = await around(NOWHERE, {fault});
  t.is(away.said, 'out\n');
  t.is(away.fault?.message, 'nowhere stays drained: it does not answer');
});
