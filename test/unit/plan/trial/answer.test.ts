import test from 'ava';
import fc from 'fast-check';
import {parseTrialAnswer} from '../../../../engine/plan/trial/answer.ts';

const ANSWER = `boot 6f1c2d3e-0000-4000-8000-000000000001
booted trial
state awaiting
journal /var/lib/linerate/runs/20261120T092600Z-3f9a1c-3
guard gone
log
awaiting 300
undo boot x
booted plain
end
`;

test('which boot answers, and how the trial stands', (t) => {
  const answer = parseTrialAnswer(ANSWER);
  t.like(answer, {boot: '6f1c2d3e-0000-4000-8000-000000000001', onTrial: true, state: 'awaiting', lines: 3});
  t.like(parseTrialAnswer(ANSWER.replace('booted trial', 'booted plain')), {onTrial: false});
});

test('a refusal', (t) => {
  t.deepEqual(parseTrialAnswer('refused cannot-try it lies on lvm\nend\n'), {
    refused: 'cannot-try',
    text: 'it lies on lvm',
  });
});

test('an answer that is cut anywhere, or does not say which boot it is, is none', (t) => {
  fc.assert(
    fc.property(fc.integer({min: 0, max: ANSWER.length - 1}), (length) => {
      t.is(parseTrialAnswer(ANSWER.slice(0, length)), undefined);
    }),
  );
  t.is(parseTrialAnswer(ANSWER.replace('booted trial\n', '').replace('booted plain\n', '')), undefined);
});
