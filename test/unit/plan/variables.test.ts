import test from 'ava';
import {Faults} from '../../../engine/model/fault.ts';
import {parsePlanVariables, variableSysctls, type PlanVariables} from '../../../engine/plan/variables.ts';

const parse = (variables: Record<string, unknown>): PlanVariables =>
  parsePlanVariables(variables, (name) => (name === 'linerate_allow' ? undefined : 'group_vars/web.yml:7'));

const faults = (variables: Record<string, unknown>): string[] => {
  try {
    parse(variables);
    return [];
  } catch (error) {
    if (!(error instanceof Faults)) throw error;
    return error.errors.map(
      ({at, message, hint}) => `${at ?? '-'}: ${message}${hint === undefined ? '' : ` (${hint})`}`,
    );
  }
};

test('variables of other programs are none of ours', (t) => {
  t.deepEqual(parse({ansible_host: 'x', linerater: 1}).settings, []);
});

test('all variables at once, with where they were set', (t) => {
  const {at, settings, ...rest} = parse({
    linerate_workload: ' latency ',
    linerate_settings: {'sysctl net.core.somaxconn': {atLeast: 8192}},
    linerate_reserved_cpus: '2-3,8',
    linerate_active_flows: '50000',
    linerate_expected_connections: 1_000_000,
    linerate_round_trip_ms: 80,
    linerate_nics: 'eth0, eth1',
    linerate_allow: ['mitigations=off'],
    linerate_take_over: ['tuned'],
  });
  t.deepEqual(rest, {
    workload: 'latency',
    reservedCpus: [2, 3, 8],
    activeFlows: 50_000,
    expectedConnections: 1_000_000,
    roundTripMs: 80,
    nics: ['eth0', 'eth1'],
    allow: ['mitigations=off'],
    takeOver: ['tuned'],
    parameters: {},
  });
  t.deepEqual(settings, [
    {
      address: {scope: 'host', id: 'sysctl net/core/somaxconn'},
      operation: 'atLeast',
      value: '8192',
      at: 'group_vars/web.yml:7 linerate_settings',
    },
  ]);
  t.is(at['allow'], 'linerate_allow');
  t.is(at['workload'], 'group_vars/web.yml:7 linerate_workload');
});

test('addresses in all their forms', (t) => {
  const {settings} = parse({
    linerate_settings: {
      'sysctl net.ipv4.conf.eth0/5.rp_filter': 1,
      'nic ring.rx': 'max',
      'nic ens1f0 ring.rx': 4096,
      'rule irq': 'leave',
      'rule ens1f0 rfs': 65_536,
      'irq ens1f0 rx-tx-3': '7',
      'queue ens1f0 rx-3 rps': 'ff',
      'boot nosmt': true,
      'service irqbalance': 'stopped',
    },
  });
  t.deepEqual(
    settings.map(({address, value}) => [address, value]),
    [
      [{scope: 'host', id: 'sysctl net/ipv4/conf/eth0.5/rp_filter'}, '1'],
      [{scope: 'each-nic', kind: 'nic', attribute: 'ring.rx'}, 'max'],
      [{scope: 'nic', nic: 'ens1f0', kind: 'nic', attribute: 'ring.rx'}, '4096'],
      [{scope: 'each-nic', kind: 'rule', attribute: 'irq'}, 'leave'],
      [{scope: 'nic', nic: 'ens1f0', kind: 'rule', attribute: 'rfs'}, '65536'],
      [{scope: 'nic-setting', nic: 'ens1f0', id: 'irq ens1f0 rx-tx-3'}, '7'],
      [{scope: 'nic-setting', nic: 'ens1f0', id: 'queue ens1f0 rx-3 rps'}, 'ff'],
      [{scope: 'host', id: 'boot nosmt'}, 'present'],
      [{scope: 'host', id: 'service irqbalance'}, 'stopped'],
    ],
  );
});

test('everything that is wrong is told at once, each with place and hint', (t) => {
  t.deepEqual(
    faults({
      linerate_worklod: 'latency',
      linerate_active_flows: 'many',
      linerate_reserved_cpus: '3-1',
      linerate_settings: {
        'net.core.somaxconn': 1,
        'sysctl net.core.somaxconn': [1],
        'nic ring.rx': 'lots',
        'nic wheel.rx': 1,
        'rule irq': 'scatter',
        'hugepage 0 2048kB': 1,
      },
    }),
    [
      'group_vars/web.yml:7: "linerate_worklod" is no variable of linerate (did you mean linerate_workload?)',
      'group_vars/web.yml:7: linerate_active_flows must be a whole number',
      'group_vars/web.yml:7: linerate_reserved_cpus must be a CPU list such as 0-3,8',
      'group_vars/web.yml:7: linerate_settings: "net.core.somaxconn" is no address of a setting (for a kernel parameter write: sysctl net.core.somaxconn)',
      'group_vars/web.yml:7: linerate_settings: "sysctl net.core.somaxconn" must be a value, {atLeast: value}, {noMoreThan: value}, or leave',
      'group_vars/web.yml:7: linerate_settings: "nic ring.rx" is "lots", which is no number',
      'group_vars/web.yml:7: linerate_settings: "nic wheel.rx" is no address of a setting (the form is: nic NIC ATTRIBUTE, e.g. ens1f0 ring.rx)',
      'group_vars/web.yml:7: linerate_settings: "rule irq" is "scatter", which is none of spread, leave',
      'group_vars/web.yml:7: linerate_settings: "hugepage 0 2048kB" is no address of a setting (did you mean "hugepages"?)',
    ],
  );
});

test('control characters of a variable’s name do not reach the message', (t) => {
  t.deepEqual(
    faults({'linerate_\u001b[31m': 1}).map((text) => text.includes('\u001b')),
    [false],
  );
});

test('kernel parameters that variables name are told to the probe', (t) => {
  const keys = variableSysctls(parse({linerate_settings: {'sysctl kernel.x': 1, 'nic mtu': 9000}}));
  t.true(keys.includes('net/core/rps_sock_flow_entries'));
  t.is(keys.at(-1), 'kernel/x');
});
