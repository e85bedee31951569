import test from 'ava';
import {carryOut} from '../../../../engine/effects/apply/carry-out.ts';
import {runOf} from '../../../support/guarded-runs.ts';

for (const target of [
  {via: 'root', name: 'image', directory: '/'},
  {via: 'recording', name: 'image', file: '/none'},
] as const)
  test(`nothing is carried out on a ${target.via}, whose shell would be this machine's`, async (t) => {
    await t.throwsAsync(carryOut(target, runOf({}), {verify: async () => Promise.resolve([])}), {
      message: /nothing can be carried out there/,
    });
  });
