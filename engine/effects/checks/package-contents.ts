import {hostname} from 'node:os';
import path from 'node:path';
import * as v from 'valibot';
import {Fault} from '../../model/fault.ts';
import {printableLine} from '../../model/printable.ts';
import {elfNeeds} from '../../stages/package/elf.ts';
import {misfits} from '../../stages/package/fit.ts';
import {leaksIn, namesOfBuilder} from '../../stages/package/leaks.ts';
import {RELEASES, type Release} from '../../stages/package/releases.ts';
import type {CheckedOutput} from './check.ts';
import {unpackedPackages, type UnpackedFile} from './package-files.ts';

const Options = v.strictObject({
  release: v.nullable(v.picklist(['bookworm', 'trixie', 'noble', 'el8', 'el9', 'el10', 'al2023'])),
});

type Complaint = {code: string; message: string; hint: string};

const leakComplaints = (file: UnpackedFile, names: readonly string[]): readonly Complaint[] =>
  leaksIn(file.bytes, names).map((name) => ({
    code: 'package-leak',
    message: `${file.path} holds "${name}", a name of the machine that built it`,
    hint: 'the same inputs are to give the same bytes on every machine',
  }));

const HINT = 'build it in a builder of that release: `builder` in kernel.ts';

const fitComplaints = (file: UnpackedFile, release: Release, own: readonly string[]): readonly Complaint[] => {
  const needs = elfNeeds(file.bytes);
  if (needs === undefined) return [];
  const wrong = needs === 'damaged' ? ['is a damaged ELF file'] : misfits(needs, release, own);
  return wrong.map((what) => ({code: 'package-misfit', message: `${file.path} ${what}`, hint: HINT}));
};

const sonamesOf = (files: readonly UnpackedFile[]): readonly string[] =>
  files.flatMap(({bytes}) => {
    const needs = elfNeeds(bytes);
    return needs === undefined || needs === 'damaged' ? [] : (needs.soname ?? []);
  });

/**
 * Whether packages hold nothing that names the machine that built them (a host's name, a folder of the build), and whether each
 * program and library finds what it needs on the release that they are for.
 */
export const check = async ({stage, out, inputs, options, signal}: CheckedOutput): Promise<readonly Fault[]> => {
  const {release} = v.parse(Options, options);
  const names = namesOfBuilder(hostname(), [path.dirname(out), ...Object.values(inputs)]);
  const complaints: Complaint[] = [];
  for await (const files of unpackedPackages(out, signal)) {
    const own = release === null ? [] : sonamesOf(files);
    for (const file of files) {
      complaints.push(...leakComplaints(file, names));
      if (release !== null) complaints.push(...fitComplaints(file, RELEASES[release], own));
    }
  }
  return complaints.map(
    ({code, message, hint}) => new Fault({code, owner: 'user', message: printableLine(`${stage}: ${message}`), hint}),
  );
};
