import {spawnSync, type SpawnSyncReturns} from 'node:child_process';
import {existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync} from 'node:fs';
import {homedir} from 'node:os';
import path from 'node:path';

const CACHE = path.join(process.env['XDG_CACHE_HOME'] ?? path.join(homedir(), '.cache'), 'linerate', 'test');

/** TuneD with the modules that it loads: installing it would have it tune the machine that runs the tests. */
const PACKAGES = [
  'tuned',
  'gir1.2-glib-2.0',
  'libdbus-1-3',
  'libgirepository-1.0-1',
  'libglib2.0-0',
  'python3-dbus',
  'python3-gi',
  'python3-linux-procfs',
  'python3-pyudev',
  'python3-six',
];

const aptGet = (folder: string, words: readonly string[]): SpawnSyncReturns<string> =>
  spawnSync('apt-get', ['-q', ...words], {cwd: folder, encoding: 'utf8'});

const isDone = ({status}: SpawnSyncReturns<string>): boolean => status === 0;

/** The folder with the packages of TuneD, downloaded by apt at first use and not installed. */
const tunedPackages = (): string => {
  const cached = path.join(CACHE, 'tuned-packages');
  if (existsSync(cached)) return cached;
  mkdirSync(CACHE, {recursive: true});
  const folder = mkdtempSync(path.join(CACHE, 'tuned-'));
  try {
    const download = ['-o', 'APT::Sandbox::User=root', 'download', ...PACKAGES];
    let done = aptGet(folder, download);
    if (!isDone(done)) {
      // The machine's lists are older than what its archive has.
      aptGet(folder, ['update']);
      done = aptGet(folder, download);
    }
    if (!isDone(done)) throw new Error(`apt-get ${download.join(' ')} failed: ${done.error?.message ?? done.stderr}`);
    if (readdirSync(folder).length < PACKAGES.length) throw new Error(`apt-get left packages out of ${folder}`);
    if (!existsSync(cached)) renameSync(folder, cached);
  } finally {
    rmSync(folder, {recursive: true, force: true});
  }
  return cached;
};

/** A service like those of hosts without systemd, whose profile sets what a network namespace has of its own. */
const SERVICE = String.raw`#!/bin/sh
case $1 in
start)
  mkdir -p /run/tuned /var/log/tuned
  /usr/sbin/tuned --daemon --no-dbus --no-socket --pid --log --profile lab </dev/null >/dev/null 2>&1
  for try in $(seq 1 200); do ! grep -q "static tuning from profile 'lab' applied" /var/log/tuned/tuned.log || break; sleep 0.05; done
  ;;
stop)
  pid=$(cat /run/tuned/tuned.pid) && kill "$pid" || exit 0
  while [ -d "/proc/$pid" ]; do sleep 0.05; done
  rm -f /var/log/tuned/tuned.log
  ;;
status) [ -e /run/tuned/tuned.pid ] || exit 3 ;;
esac`;

/** Takes TuneD to a host and starts it there: a script for the host. */
export const startTuned = (sysctls: Readonly<Record<string, number>>): string => {
  const folder = tunedPackages();
  const unpacked = readdirSync(folder).map((name) => {
    const text = readFileSync(path.join(folder, name), 'base64');
    return `base64 -d >/run/lab/package <<'END'\n${text}\nEND
dpkg-deb --fsys-tarfile /run/lab/package | tar -x --keep-directory-symlink -C /`;
  });
  const profile = Object.entries(sysctls).map(([key, value]) => `${key}=${String(value)}\n`);
  return `set -e
${unpacked.join('\n')}
mkdir -p /etc/tuned/lab
cat >/etc/tuned/lab/tuned.conf <<'END'
[sysctl]
${profile.join('')}
END
echo lab >/etc/tuned/active_profile
cat >/etc/init.d/tuned <<'END'
${SERVICE}
END
chmod 755 /etc/init.d/tuned
service tuned start
`;
};
