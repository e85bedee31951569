import test from 'ava';
import {installed, packageFile, removed} from '../../../../../engine/plan/recipe/wish/package.ts';

const why = 'a test';
const sha256 = 'a'.repeat(64);

test('packages of repositories', (t) => {
  t.deepEqual(installed('nginx', {why}), {set: 'package nginx', to: 'present', why});
  t.deepEqual(installed('nginx', {why, version: '1:2-3', restarts: ['nginx']}), {
    set: 'package nginx',
    to: '1:2-3',
    why,
    restarts: ['nginx'],
  });
  t.is(removed('exim4', {why}).to, 'removed');
  t.is(removed('exim4', {why, purge: true}).to, 'absent');
});

test('packages of files: name and version as their file says, under a name of ours on the host', (t) => {
  const file = {
    path: '/c/linux-image-6.1.0-lr_6.1.176-1_amd64.deb',
    name: 'linux-image-6.1.0-lr_6.1.176-1_amd64.deb',
    sha256,
  };
  t.deepEqual(packageFile(file, {why}), {
    set: 'package linux-image-6.1.0-lr',
    to: `6.1.176-1 sha256:${sha256}`,
    why,
    uploads: [{from: file.path, to: `/var/cache/linerate/${sha256}/linux-image-6.1.0-lr.deb`}],
  });
  const rpm = {path: '/c/x.rpm', name: 'kernel-rt-core-5.14.0-427.el9.x86_64.rpm', sha256};
  t.like(packageFile(rpm, {why}), {
    set: 'package kernel-rt-core',
    to: `5.14.0-427.el9 sha256:${sha256}`,
    uploads: [{to: `/var/cache/linerate/${sha256}/kernel-rt-core.rpm`}],
  });
  t.like(packageFile({...file, name: 'g++-x_4%3a12-1_amd64.deb'}, {why}), {
    set: 'package g++-x',
    to: `4:12-1 sha256:${sha256}`,
  });
  for (const name of ['linux.deb', 'x_1.deb', 'notes.txt', 'x-1.rpm'])
    t.throws(() => packageFile({...file, name}, {why}), {message: /is not called as packages are/}, name);
});
