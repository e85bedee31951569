import test from 'ava';
import type {Facts} from '../../../../engine/facts/facts.ts';
import type {Setting} from '../../../../engine/model/setting.ts';
import {hostChanges} from '../../../../engine/plan/changes/host.ts';
import {kindOf} from '../../../../engine/resources/kinds.ts';
import {exampleFacts} from '../../../support/facts.ts';

const FACTS: Facts = {
  ...exampleFacts(),
  asked: {
    'package a': 'apt',
    'package b': 'apt\nis install installed 1',
    'package c': 'apt',
    'file /etc/x': 'absent',
  },
};

const settingOf = (id: string, want: string): Setting => {
  const [name = '', rest = ''] = id.split(' ');
  const kind = kindOf(name);
  if (!kind) throw new Error(`no kind ${name}`);
  return {
    id,
    live: kind.live(FACTS, rest),
    boot: {held: 'default'},
    want,
    pending: ['live'],
    why: 'a test',
    source: 'a test',
    from: {layer: 'recipe', at: 'recipe test'},
    effect: kind.effect(FACTS, rest),
    undo: kind.undo(FACTS, rest, want),
  };
};

test('packages that stand together go in one transaction, with one way back', (t) => {
  const {changes} = hostChanges(FACTS, [settingOf('package a', 'present'), settingOf('package c', '2.0')]);
  t.like(changes[0], {
    id: 'package a',
    before: 'absent',
    steps: [{do: 'packages', program: 'apt', install: ['a', 'c=2.0'], remove: [], purge: [], exact: true}],
    undo: [{do: 'packages-back', program: 'apt'}],
  });
  t.like(changes[1], {id: 'package c', before: 'absent', steps: [], undo: [], with: 'package a'});
});

test('what one of them may replace, all of them may', (t) => {
  const {changes} = hostChanges(FACTS, [settingOf('package a', 'present'), settingOf('package b', 'removed')]);
  t.like(changes[0]?.steps[0], {install: ['a'], remove: ['b'], exact: false});
});

test('a file between two packages stays between them: it may be a repository of the second', (t) => {
  const settings = [
    settingOf('package a', 'present'),
    settingOf('file /etc/x', '0644 root:root\nx\n'),
    settingOf('package c', 'present'),
  ];
  const {changes} = hostChanges(FACTS, settings);
  t.deepEqual(
    changes.map(({id, steps}) => [id, steps.map((step) => step.do)]),
    [
      ['package a', ['packages']],
      ['file /etc/x', ['put']],
      ['package c', ['packages']],
    ],
  );
});
