import test from 'ava';
import {goesWithPackages} from '../../../../engine/plan/rollback/with-packages.ts';

const FILE = {id: 'file /etc/one.conf', after: 'text'};
const SERVICE = {id: 'service one', after: 'running'};
const SYSCTL = {id: 'sysctl net/core/somaxconn', after: '4096'};
const LATER = {id: 'file /etc/two.conf', after: 'text'};
const REMOVED = {id: 'package one', after: 'absent'};

test('what went back before its package went may be gone with it', (t) => {
  const isGone = goesWithPackages([FILE, SERVICE, SYSCTL, REMOVED, LATER]);
  t.true(isGone({id: FILE.id, found: 'absent'}));
  t.true(isGone({id: SERVICE.id, found: 'stopped'}));
  t.false(isGone({id: FILE.id, found: 'another text'}), 'it is there, and is not what it was');
  t.false(isGone({id: SYSCTL.id, found: 'absent'}), 'no package brings it');
  t.false(isGone({id: LATER.id, found: 'absent'}), 'no package has gone since');
  t.false(isGone({id: REMOVED.id, found: '1.0-1'}));
});

test('a package that stays, in whatever version, takes nothing along', (t) => {
  t.false(goesWithPackages([FILE, {...REMOVED, after: '1.0-1'}])({id: FILE.id, found: 'absent'}));
  t.true(goesWithPackages([FILE, {...REMOVED, after: 'removed'}])({id: FILE.id, found: 'absent'}));
});
