import test from 'ava';
import type {Change} from '../../../../engine/model/change.ts';
import {runningKernel, withEarlierDefault} from '../../../../engine/plan/rollback/kept-kernel.ts';
import {fileChange} from '../../../support/guarded-runs.ts';
import {exampleFacts} from '../../../support/facts.ts';

const EXAMPLE = exampleFacts();
const FACTS = {...EXAMPLE, os: {...EXAMPLE.os, kernel: '6.1.0-30-amd64'}};

test('the package of the kernel that runs stays; others go', (t) => {
  const refused = (id: string, want = 'absent'): boolean => runningKernel(FACTS, {id, want}) !== undefined;
  t.true(refused('package linux-image-6.1.0-30-amd64'));
  t.true(refused('package linux-image-6.1.0-30-amd64-unsigned', 'removed'));
  t.false(refused('package linux-image-6.1.0-28-amd64'));
  t.false(refused('package nginx'));
  t.false(refused('package linux-image-6.1.0-30-amd64', 'present'));
});

const PATH = '/etc/default/grub.d/zz-linerate-kernel.cfg';
const [CHOSEN, KEPT]: readonly [Change, Change] = [fileChange(PATH, 'later'), fileChange(PATH, 'earlier')];
const OTHER = fileChange('/etc/other', 'x');

test('with it the earlier kernel stays chosen; without it all goes back', (t) => {
  const files = {changes: [CHOSEN, OTHER, KEPT], conflicts: [], blocks: []};
  t.is(withEarlierDefault(files, []), files);
  const block = runningKernel(FACTS, {id: 'package linux-image-6.1.0-30-amd64', want: 'absent'});
  const back = withEarlierDefault(files, block ? [block] : []);
  t.deepEqual(back.changes, [CHOSEN, OTHER]);
  t.deepEqual(
    back.blocks.map(({id}) => id),
    [`file ${PATH}`],
  );
});
