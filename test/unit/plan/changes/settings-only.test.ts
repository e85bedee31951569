import test from 'ava';
import {OWN} from '../../../../engine/facts/own-files.ts';
import {isSettingsOnly} from '../../../../engine/plan/changes/settings-only.ts';

const ids = (...all: readonly string[]): readonly {id: string}[] => all.map((id) => ({id}));

test('sysctls of the network and the files of sysctls and limits change nothing else', (t) => {
  const changes = ids('sysctl net/core/somaxconn', 'sysctl net/ipv4/tcp_rmem', 'sysctl net/ipv4/conf/all/arp_ignore');
  t.true(isSettingsOnly({changes, lasting: ids(`file ${OWN.sysctls}`, `file ${OWN.limits}`)}));
});

for (const [what, run] of [
  ['huge pages', {changes: ids('sysctl vm/nr_hugepages'), lasting: []}],
  ['forwarding, which takes LRO off NICs', {changes: ids('sysctl net/ipv4/ip_forward'), lasting: []}],
  ['forwarding of one interface', {changes: ids('sysctl net/ipv4/conf/eth0/forwarding'), lasting: []}],
  ['IPv6, whose keys take addresses away', {changes: ids('sysctl net/ipv6/conf/all/disable_ipv6'), lasting: []}],
  ['a NIC', {changes: ids('sysctl net/core/somaxconn', 'nic eth0 ring.rx'), lasting: []}],
  ['kernel arguments', {changes: [], lasting: ids(`file ${OWN.grub}`)}],
  ['a unit', {changes: [], lasting: ids(`file ${OWN.hostUnit}`)}],
] as const)
  test(`all of the host is read again after ${what}`, (t) => {
    t.false(isSettingsOnly(run));
  });
