import test from 'ava';
import {settingScripts, withSettings} from '../../../engine/facts/again.ts';
import {factScripts, parseFacts, type Facts} from '../../../engine/facts/facts.ts';
import {parseFrames} from '../../../engine/facts/frames.ts';
import {OWN} from '../../../engine/facts/own-files.ts';
import {probeScript} from '../../../engine/facts/probe.ts';
import {shellQuote} from '../../../engine/model/shell.ts';
import {inSandbox} from '../../support/sandbox.ts';

const SCRIPTS = factScripts({sysctls: ['net/core/somaxconn', 'net/ipv4/tcp_rmem', 'net/ipv4/tcp_nothing']});

const WRITES = `
echo 5001 >/proc/sys/net/core/somaxconn
echo '4096 131072 8388608' >/proc/sys/net/ipv4/tcp_rmem
mkdir -p /etc/sysctl.d /etc/security/limits.d
echo 'net.core.somaxconn = 5001' >${OWN.sysctls}
echo '* hard nofile 1048575' >${OWN.limits}
`;

const parts = (facts: Facts): object => {
  const {sysctls, limits, services} = facts;
  // Every probe counts the system calls that random numbers took.
  const live = Object.fromEntries(Object.entries(sysctls.live).filter(([key]) => !key.startsWith('kernel/random/')));
  return {sysctls: {...sysctls, live}, limits, services};
};

test('what is read again after a run shows what a whole probe would', (t) => {
  const probe = (token: string, scripts: readonly string[]): string =>
    `sh -c ${shellQuote(probeScript(scripts, {token, root: ''}))}\n`;
  const before = parseFacts(parseFrames(inSandbox(probe('@before', SCRIPTS)), '@before'));
  const said = inSandbox(WRITES + probe('@again', settingScripts(before)) + probe('@whole', SCRIPTS));
  const [again = '', whole = ''] = said.split(/(?=^@whole start$)/m);
  const now = withSettings(before, parseFrames(again, '@again'));
  t.deepEqual(parts(now), parts(parseFacts(parseFrames(whole, '@whole'))));
  t.deepEqual(now.sysctls.live['net/core/somaxconn'], {value: '5001'});
  t.is(now.services.own?.texts[OWN.limits], '* hard nofile 1048575\n');
  t.notDeepEqual(parts(now), parts(before));
});
