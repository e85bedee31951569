import {spawnSync} from 'node:child_process';
import test from 'ava';
import fc from 'fast-check';
import type {Facts} from '../../../engine/facts/facts.ts';
import type {Step} from '../../../engine/model/change.ts';
import {packages} from '../../../engine/resources/package.ts';
import {samePackage} from '../../../engine/resources/package-value.ts';
import {exampleFacts} from '../../support/facts.ts';

const said = (...lines: readonly string[]): Facts => ({...exampleFacts(), asked: {'package x': lines.join('\n')}});

const SHA = 'b'.repeat(64);

const stepOf = (facts: Facts, want: string): readonly Step[] | undefined => packages.steps?.(facts, 'x', want);

test('what a package holds, in dpkg’s words and in RPM’s', (t) => {
  const held = (...lines: readonly string[]): unknown => packages.live(said(...lines), 'x');
  t.deepEqual(held('apt', 'is install installed 1:2.0-1'), {value: '1:2.0-1'});
  t.deepEqual(held('apt', 'is install triggers-pending 2.0'), {value: '2.0'});
  t.deepEqual(held('apt', 'is deinstall config-files 2.0'), {value: 'removed'});
  t.deepEqual(held('apt', 'is unknown not-installed '), {value: 'absent'});
  t.deepEqual(held('apt', ''), {value: 'absent'});
  t.deepEqual(held('apt', 'is install half-configured 2.0'), {value: 'half-configured 2.0'});
  t.deepEqual(held('apt', 'is install installed 2.0', 'is install installed 2.0'), {value: '2.0'});
  t.deepEqual(held('dnf', 'is install installed 5.14.0-2.el9', 'is install installed 5.14.0-1.el9'), {
    value: '5.14.0-1.el9 5.14.0-2.el9',
  });
  t.deepEqual(held('dnf'), {value: 'absent'});
  t.deepEqual(held('none'), {unreadable: 'neither apt nor dnf is there to ask'});
  t.deepEqual(packages.live(exampleFacts(), 'x'), {unreadable: 'it was not read'});
});

test('what is held meets what is wanted', (t) => {
  const held = ['absent', 'removed', '1.0', '1:1.0', '1.0 2.0', 'half-configured 1.0'] as const;
  const meets = (want: string): readonly string[] => held.filter((one) => samePackage(one, want));
  t.deepEqual(meets('present'), ['1.0', '1:1.0', '1.0 2.0']);
  t.deepEqual(meets('removed'), ['absent', 'removed']);
  t.deepEqual(meets('absent'), ['absent']);
  t.deepEqual(meets('1.0'), ['1.0', '1.0 2.0']);
  t.deepEqual(meets('1:1.0'), ['1:1.0']);
  t.deepEqual(meets('1.0 2.0'), ['1.0 2.0']);
  t.deepEqual(meets(`1.0 sha256:${SHA}`), ['1.0', '1:1.0', '1.0 2.0']);
  t.deepEqual(meets(`2:1.0 sha256:${SHA}`), []);
});

test('values and names that can be none of a package', (t) => {
  const problem = (want: string): string | undefined => packages.problem?.('x', want);
  for (const want of ['present', 'removed', 'absent', '1:2.0~rc1+b1-3^x', '1 2', `1.0 sha256:${SHA}`])
    t.is(problem(want), undefined, want);
  for (const want of ['', 'half-configured 1.0', '1.0; reboot', '-1', `sha256:${SHA}`, '1.0 sha256:00', '$(x)'])
    t.not(problem(want), undefined, want);
  for (const name of ['nginx', 'libstdc++6', 'libc6:i386', 'glibc.i686', 'NetworkManager', 'python3_x'])
    t.true(packages.knows(name), name);
  for (const name of ['', '-y', 'a b', 'a*', '../x', 'a/b', 'a=1', 'a;b']) t.false(packages.knows(name), name);
});

test('one step of one transaction, in the words of the host’s own program', (t) => {
  const none = {do: 'packages', install: [], remove: [], purge: [], exact: true};
  const there = said('apt', 'is install installed 1.0', 'known 1.0', 'known 2.0');
  t.deepEqual(stepOf(said('apt'), 'present'), [{...none, program: 'apt', install: ['x']} as Step]);
  t.deepEqual(stepOf(there, '2.0'), [{...none, program: 'apt', install: ['x=2.0']} as Step]);
  t.deepEqual(stepOf(there, 'removed'), [{...none, program: 'apt', remove: ['x']} as Step]);
  t.deepEqual(stepOf(there, 'absent'), [{...none, program: 'apt', purge: ['x'], exact: false} as Step]);
  t.deepEqual(stepOf(said('apt'), `2.0 sha256:${SHA}`), [
    {...none, program: 'apt', install: [`/var/cache/linerate/${SHA}/x.deb`]} as Step,
  ]);
  t.deepEqual(stepOf(said('dnf'), `2.0 sha256:${SHA}`), [
    {...none, program: 'dnf', install: [`/var/cache/linerate/${SHA}/x.rpm`]} as Step,
  ]);
  const both = said('dnf', 'is install installed 1-1', 'is install installed 2-1');
  t.deepEqual(stepOf(both, '2-1 3-1'), [
    {...none, program: 'dnf', install: ['x-3-1'], remove: ['x-1-1'], exact: false} as Step,
  ]);
  t.is(stepOf(said('none'), 'present'), undefined);
  t.is(stepOf(said('apt'), 'half-configured 1.0'), undefined);
});

test('what is new can be taken back; what is replaced only where its version can still be had', (t) => {
  const undo = (want: string, ...lines: readonly string[]): string => packages.undo(said(...lines), 'x', want);
  t.is(undo('present', 'apt'), 'exact');
  t.is(undo('present', 'apt', 'is deinstall config-files 1.0'), 'exact');
  t.is(undo('2.0', 'apt', 'is install installed 1.0', 'known 1.0', 'known 2.0'), 'exact');
  t.is(undo('2.0', 'apt', 'is install installed 1.0', 'known 2.0'), 'approximate');
  t.is(undo('removed', 'apt', 'is install installed 1.0'), 'approximate');
  t.is(undo('absent', 'apt', 'is install installed 1.0', 'known 1.0'), 'approximate');
  t.is(undo('absent', 'apt', 'is deinstall config-files 1.0'), 'approximate');
  t.is(undo('present', 'apt', 'is install half-configured 1.0', 'known 1.0'), 'approximate');
});

/** The functions that the probe gives, as far as a package's script uses them. */
const PROBE = `R=\nhas() { command -v "$1" >/dev/null 2>&1; }\nsay() { printf '%s\\n%s\\n' "$1" "$2"; }\n`;

const ask = (shell: string, name: string, want: string): readonly string[] => {
  const [program = '', ...words] = shell.split(' ');
  const {status, stdout, stderr} = spawnSync(program, words, {
    input: `${PROBE}${packages.reads?.(name, want) ?? ''}`,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`${shell} ended with ${String(status)}: ${stderr}`);
  return stdout.trimEnd().split('\n');
};

for (const shell of ['dash', 'bash --posix', 'busybox sh'])
  test(`${shell}: this machine's own dpkg and apt`, (t) => {
    const version = spawnSync('dpkg-query', ['-W', '-f', '${Version}', 'dpkg'], {encoding: 'utf8'}).stdout;
    t.deepEqual(ask(shell, 'dpkg', 'present'), ['asked package dpkg', 'apt', `is install installed ${version}`]);
    t.deepEqual(ask(shell, 'dpkg', version).length, 3);
    const known = ask(shell, 'dpkg', '0.1');
    t.deepEqual(known.slice(0, 3), ['asked package dpkg', 'apt', `is install installed ${version}`]);
    t.regex(known[3] ?? '', /^lists (?:fresh|stale)$/);
    const none = ask(shell, 'no-such-package-anywhere', 'present');
    t.deepEqual(none.slice(0, 2), ['asked package no-such-package-anywhere', 'apt']);
    t.false(none.some((line) => /^(?:is|known) /.test(line)));
  });

test('a value’s short form keeps everything but most of a digest', (t) => {
  t.is(packages.shown?.(`1.0 sha256:${SHA}`), '1.0 (file bbbbbbbb)');
  t.is(packages.shown?.('1.0'), '1.0');
});

test('whatever a host says, it is a value or a reason, and the same as itself where it can be wanted', (t) => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.string(), fc.constantFrom('apt', 'dnf', 'is install installed 1', 'lists fresh'))),
      (lines) => {
        const facts = said(...lines);
        const held = packages.live(facts, 'x');
        if (typeof held !== 'object') throw new Error(`held ${held}`);
        if (!('value' in held) || packages.problem?.('x', held.value) !== undefined) return;
        t.true(packages.same(facts, 'x', held.value, held.value));
      },
    ),
  );
});
