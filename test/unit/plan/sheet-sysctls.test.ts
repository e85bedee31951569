import test from 'ava';

import {sheetSysctls, sysctlsIn} from '../../../engine/plan/sheet-sysctls.ts';
import {exampleSheets} from '../../support/sheets.ts';

test('keys of entries and of conditions, in every branch, with slashes and once', (t) => {
  const text = [
    '# sysctl net.core.not_this',
    '{{#if (gt (sysctl "vm.swappiness") 10)}}',
    '- set: sysctl vm.swappiness',
    "{{else if (eq (sysctl 'net/ipv4/ip_forward') 1)}}",
    '- set: "sysctl net.ipv4.conf.eth0/5.rp_filter"',
    '{{else}}',
    '- set:   sysctl   fs.nr_open',
    '{{/if}}',
    '- set: thp enabled',
  ].join('\n');
  t.deepEqual(sysctlsIn(text), [
    'fs/nr_open',
    'net/ipv4/conf/eth0.5/rp_filter',
    'net/ipv4/ip_forward',
    'vm/swappiness',
  ]);
});

test('folklore and knowledge name keys too', (t) => {
  const sheets = exampleSheets({
    folklore: [{set: 'sysctl net/ipv4/tcp_sack', when: '0', grade: 'harmful', message: 'x', source: 'y'}],
    knowledge: [
      {set: 'sysctl net/core/optmem_max', what: 'x', source: 'y'},
      {set: 'cpu smt', what: 'x', source: 'y'},
    ],
  });
  t.deepEqual(sheetSysctls(sheets), ['net/core/optmem_max', 'net/ipv4/tcp_sack']);
});
