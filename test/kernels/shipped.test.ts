import test from 'ava';
import {buildAndProve} from '../support/built-kernels.ts';
import {linerate} from '../support/cli.ts';

const PATIENT_MS = 5_400_000;

for (const [name, pattern] of [
  ['kernels/rt-6.1', /^6\.1\.\d+-rt\d+-linerate$/],
  ['kernels/throughput-6.12', /^6\.12\.\d+-throughput$/],
] as const)
  test.serial(`${name}: compiled, booted, and modules of others build against its headers`, async (t) => {
    t.timeout(PATIENT_MS);
    await buildAndProve(t, name, pattern);
  });

test.serial('lab-6.1 built twice from nothing, in different folders, comes to the same bytes', async (t) => {
  t.timeout(PATIENT_MS);
  const {status, stderr} = await linerate(['build', 'kernels/lab-6.1', '--format', 'deb,rpm', '--prove']);
  t.is(status, 0, stderr);
});
