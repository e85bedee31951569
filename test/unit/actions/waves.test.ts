import test from 'ava';
import fc from 'fast-check';
import {type Waves, wavesOf, type WaveSize} from '../../../engine/actions/waves.ts';

const dealt = (count: number, waves: Waves): readonly string[] => {
  const hosts = Array.from({length: count}, (_, index) => String(index + 1));
  return wavesOf(hosts, waves).map((wave) => `${wave.canary ? 'canary ' : ''}${wave.hosts.join(' ')}`);
};

test('waves as Ansible documents serial, with a canary before them', (t) => {
  t.deepEqual(dealt(5, {serial: []}), ['1 2 3 4 5']);
  t.deepEqual(dealt(6, {serial: [{hosts: 3}]}), ['1 2 3', '4 5 6']);
  t.deepEqual(dealt(10, {serial: [{percent: 30}]}), ['1 2 3', '4 5 6', '7 8 9', '10']);
  t.deepEqual(dealt(8, {serial: [{hosts: 1}, {hosts: 5}, {percent: 20}]}), ['1', '2 3 4 5 6', '7', '8']);
  t.deepEqual(dealt(3, {serial: [{percent: 1}]}), ['1', '2', '3'], 'no wave is empty');
  t.deepEqual(dealt(5, {canary: {hosts: 2}, serial: []}), ['canary 1 2', '3 4 5']);
  t.deepEqual(dealt(10, {canary: {percent: 10}, serial: [{percent: 50}]}), ['canary 1', '2 3 4 5 6', '7 8 9 10']);
  t.deepEqual(dealt(1, {canary: {hosts: 5}, serial: [{hosts: 1}]}), ['canary 1']);
  t.deepEqual(dealt(0, {canary: {hosts: 1}, serial: []}), []);
});

const size: fc.Arbitrary<WaveSize> = fc.oneof(
  fc.record({hosts: fc.integer({min: 1, max: 50})}),
  fc.record({percent: fc.integer({min: 1, max: 100})}),
);

test('every host is in one wave, in the order of the hosts, whatever the sizes', (t) => {
  fc.assert(
    fc.property(fc.integer({min: 0, max: 60}), fc.array(size), fc.option(size), (count, serial, canary) => {
      const hosts = Array.from({length: count}, (_, index) => index);
      const waves = wavesOf(hosts, {serial, ...(canary ? {canary} : {})});
      t.deepEqual(
        waves.flatMap((wave) => [...wave.hosts]),
        hosts,
      );
      t.true(waves.every((wave) => wave.hosts.length > 0));
      t.deepEqual(
        waves.map((wave) => wave.canary),
        waves.map((_, place) => place === 0 && canary !== null),
      );
    }),
  );
});
