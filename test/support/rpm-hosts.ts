import type {Target} from '../../engine/effects/connection.ts';
import {startLab, type Lab} from './lab/lab.ts';
import {runOn} from './lab/runs.ts';
import {dnfScript, rpmRepositoriesScript, type TestRpm} from './rpms.ts';

const SERVER: TestRpm = {
  name: 'lr-server',
  version: '1.0',
  tags: ['Requires: lr-library'],
  files: {'/etc/lr-server.conf': 'port 1\n', '/usr/share/lr-server/text': 'old\n'},
  config: ['/etc/lr-server.conf'],
  post: 'getent passwd lr-daemon >/dev/null || useradd --system lr-daemon',
};
const LIBRARY: TestRpm = {name: 'lr-library', version: '1.0', files: {'/usr/share/lr-library/text': 'old\n'}};

const REPOSITORIES = {
  old: [
    {name: 'lr-base', version: '1.0', tags: ['Provides: /bin/sh']},
    SERVER,
    LIBRARY,
    {name: 'lr-broken', version: '1.0', tags: ['Requires: lr-library'], pre: 'echo no luck today >&2; exit 3'},
    {name: 'lr-rival', version: '1.0', tags: ['Conflicts: lr-server']},
    {name: 'lr-newer', version: '1.0', tags: ['Requires: lr-library >= 2.0']},
  ],
  new: [
    {...SERVER, version: '2.0', files: {'/etc/lr-server.conf': 'port 2\n', '/usr/share/lr-server/text': 'new\n'}},
    {...LIBRARY, version: '2.0', files: {'/usr/share/lr-library/text': 'new\n'}},
  ],
};

/** One host whose packages are RPM's; dnf knows the repository `old` below `/run/lab/repositories`, and not yet `new`. */
export const startRpmLab = async (): Promise<Lab> => {
  const repositories = await rpmRepositoriesScript(REPOSITORIES, '/run/lab/repositories');
  return startLab({hosts: [{prepare: `${repositories}${dnfScript(['/run/lab/repositories/old'])}`}]});
};

/** All that RPMs of ours may have touched: what is installed, their files, and users. */
export const rpmsOn = async (target: Target): Promise<string> =>
  (
    await runOn(
      target,
      `rpm -qa | sort; rpm -Va; cat /etc/passwd /etc/group /etc/shadow /etc/gshadow
    find /etc/lr-* /usr/share/lr-* -type f -exec sha256sum {} + 2>/dev/null; ls -d /usr/share/lr-*`,
    )
  ).stdout.trim();
