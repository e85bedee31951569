import test from 'ava';
import {kernelRelease} from '../../../engine/resources/kernel-release.ts';

const RELEASES: Readonly<Record<string, string | undefined>> = {
  'linux-image-6.1.0-30-amd64': '6.1.0-30-amd64',
  'linux-image-6.1.0-30-rt-amd64-unsigned_6.1.124-1_amd64.deb': '6.1.0-30-rt-amd64',
  'linux-image-unsigned-6.8.0-31-generic_6.8.0-31.31_amd64.deb': '6.8.0-31-generic',
  'linux-image-6.12.1_6.12.1-1_amd64.deb': '6.12.1',
  'linux-image-rt-amd64': undefined,
  'linux-headers-6.1.0-30-amd64': undefined,
  'kernel-core-5.14.0-427.13.1.el9_4.x86_64.rpm': '5.14.0-427.13.1.el9_4.x86_64',
  'kernel-6.1.112-124.190.amzn2023.x86_64.rpm': '6.1.112-124.190.amzn2023.x86_64',
  'kernel-6.12.1-1.x86_64.rpm': undefined,
  'kernel-rt-core-5.14.0-362.el9.x86_64.rpm': undefined,
  'kernel-core': undefined,
};

test('the release of a kernel by its package’s name, where that tells it', (t) => {
  t.deepEqual(Object.fromEntries(Object.keys(RELEASES).map((name) => [name, kernelRelease(name)])), RELEASES);
});
