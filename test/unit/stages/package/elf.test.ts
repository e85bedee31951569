import {readdirSync, readFileSync, statSync} from 'node:fs';
import path from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import {elfNeeds, type ElfNeeds} from '../../../../engine/stages/package/elf.ts';
import {outputOf} from '../../../support/machines/command.ts';

const libraries = '/usr/lib/x86_64-linux-gnu';

const some = [
  '/usr/bin/perl',
  '/bin/ls',
  '/usr/bin/gpg',
  process.execPath,
  ...readdirSync(libraries)
    .filter((name) => /\.so\.\d+$/.test(name))
    .slice(0, 12)
    .map((name) => path.join(libraries, name)),
];

/** What readelf tells of a file. */
const told = async (file: string): Promise<ElfNeeds> => {
  const said = await outputOf('readelf', '--wide', '--dynamic', '--version-info', file);
  const needs = said.split('Version needs section').at(1) ?? '';
  let library = '';
  const symbols = needs.split('\n').flatMap((line) => {
    library = /File: (\S+)/.exec(line)?.[1] ?? library;
    const version = /Name: (\S+)\s+Flags/.exec(line)?.[1];
    return version === undefined ? [] : [{library, version}];
  });
  const soname = /\(SONAME\)\s+Library soname: \[(.*)\]/.exec(said)?.[1];
  return {
    libraries: [...said.matchAll(/\(NEEDED\)\s+Shared library: \[(.*)\]/g)].map(([, name = '']) => name),
    symbols,
    ...(soname === undefined ? {} : {soname}),
  };
};

test('programs and libraries need what readelf says', async (t) => {
  for (const file of some) t.deepEqual(elfNeeds(readFileSync(file)), await told(file), file);
  t.true(some.length > 10);
});

test('what is no program needs nothing', (t) => {
  for (const bytes of [new Uint8Array(0), new Uint8Array(64), new TextEncoder().encode('#!/bin/sh\nexit 0\n')])
    t.is(elfNeeds(bytes), undefined);
});

test('a file that is cut off or changed is told as damaged, or needs what is still there', (t) => {
  const whole = readFileSync('/bin/ls');
  t.true(statSync('/bin/ls').size > 100_000);
  t.is(elfNeeds(whole.subarray(0, 200)), 'damaged');
  fc.assert(
    fc.property(fc.nat({max: whole.length}), fc.nat({max: 4095}), fc.nat({max: 255}), (size, place, byte) => {
      const bytes = Uint8Array.from(whole.subarray(0, size));
      if (place < size) bytes[place] = byte;
      const needs = elfNeeds(bytes);
      return needs === undefined || needs === 'damaged' || Array.isArray(needs.libraries);
    }),
    {numRuns: 200},
  );
});
