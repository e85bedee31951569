import test from 'ava';
import {openHosts, type OpenHost} from '../../../engine/actions/open-hosts.ts';
import {planFor} from '../../../engine/actions/planning.ts';
import {loadSheets} from '../../../engine/catalogue/sheets.ts';
import {parsePlanVariables} from '../../../engine/plan/variables.ts';
import {factsOf} from '../../support/generated/fixtures.ts';

const facts = factsOf('cpus-512');
const plan = planFor('h', facts, {sheets: loadSheets(), variables: parsePlanVariables({}, () => undefined)});

/** A host that is open, and how often its connection was closed. */
const open = (): OpenHost & {closed: () => number} => {
  let closed = 0;
  return {
    state: {facts, plan},
    connection: {
      root: '',
      run: async () => Promise.resolve({stdout: '', stderr: '', status: 0}),
      close: async () => {
        closed += 1;
        return Promise.resolve();
      },
    },
    closed: () => closed,
  };
};

test('a host that was read a moment ago is handed on once, and its connection with it', async (t) => {
  const hosts = openHosts(() => 0);
  const host = open();
  t.true(hosts.keep('h', host));
  t.is((await hosts.take('h'))?.connection, host.connection);
  t.is(await hosts.take('h'), undefined);
  await hosts.close();
  t.is(host.closed(), 0);
});

test('what was read long ago is let go, with its connection', async (t) => {
  let time = 0;
  const hosts = openHosts(() => time);
  const host = open();
  hosts.keep('h', host);
  time = 60_000;
  t.is(await hosts.take('h'), undefined);
  t.is(host.closed(), 1);
});

test('what nobody takes is closed', async (t) => {
  const hosts = openHosts(() => 0);
  const all = [open(), open()];
  for (const [place, host] of all.entries()) hosts.keep(String(place), host);
  await hosts.close();
  t.deepEqual(
    all.map((host) => host.closed()),
    [1, 1],
  );
});

test('a fleet has no more connections open than are worked on at once', (t) => {
  const hosts = openHosts(() => 0);
  const taken = Array.from({length: 1000}, (_, place) => hosts.keep(String(place), open()));
  t.is(taken.filter(Boolean).length, 50);
});
