import test from 'ava';
import fc from 'fast-check';
import {parseAnswer, parseEvent} from '../../../../engine/plan/run/answer.ts';

test('an answer is read whole', (t) => {
  const text = 'state awaiting\njournal /run/linerate/r\nleft 59\nguard running\nlog\nbegin 0\nfailed - no\nodd\nend\n';
  t.deepEqual(parseAnswer(text), {
    state: 'awaiting',
    journal: '/run/linerate/r',
    left: 59,
    guarded: true,
    lines: 3,
    events: [
      {event: 'begin', change: 0},
      {event: 'failed', text: 'no'},
    ],
  });
  t.like(parseAnswer('state undone\njournal x\nguard gone\nlog\nend\n'), {state: 'undone', lines: 0, guarded: false});
  t.deepEqual(parseAnswer('refused locked r2\nend\n'), {refused: 'locked', text: 'r2'});
});

test('an answer that is cut off, or nobody’s, is no answer', (t) => {
  const text = 'state awaiting\njournal /run/linerate/r\nguard running\nlog\nbegin 0\nend\n';
  for (let cut = 0; cut < text.length; cut += 1) t.is(parseAnswer(text.slice(0, cut)), undefined, text.slice(0, cut));
  t.is(parseAnswer('state odd\nlog\nend\n'), undefined);
});

test('no line of a log makes the reader fail', (t) => {
  t.notThrows(() => {
    fc.assert(
      fc.property(fc.string(), (line) => {
        parseEvent(line);
        parseAnswer(line);
      }),
    );
  });
});
