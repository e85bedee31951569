import test from 'ava';
import type {Facts} from '../../../engine/facts/facts.ts';
import {Fault} from '../../../engine/model/fault.ts';
import type {Plan, Setting} from '../../../engine/model/setting.ts';
import {planHost} from '../../../engine/plan/plan.ts';
import {parsePlanVariables} from '../../../engine/plan/variables.ts';
import {exampleFacts, exampleNic} from '../../support/facts.ts';
import {exampleSheets} from '../../support/sheets.ts';

const plan = (
  given: Parameters<typeof exampleSheets>[0],
  facts: Facts = exampleFacts(),
  variables: Record<string, unknown> = {},
): Plan =>
  planHost(
    'h',
    facts,
    exampleSheets(given),
    parsePlanVariables(variables, () => 'host_vars/h.yml:3'),
  );

const one = (made: Plan, id: string): Setting | undefined => made.settings.find((setting) => setting.id === id);
const SOMAXCONN = 'sysctl net/core/somaxconn';
test('what a host does not have is dropped for a sheet and refused for an inventory', (t) => {
  const line = {set: 'sysctl net/netfilter/nf_conntrack_max', atLeast: '1048576'};
  t.deepEqual(plan({workload: [line]}).blocks, []);
  t.deepEqual(plan({workload: [line]}).settings, []);
  const asked = plan({}, exampleFacts(), {linerate_settings: {'sysctl net.netfilter.nf_conntrack_max': 1}});
  t.deepEqual(asked.blocks, [
    {
      id: 'sysctl net/netfilter/nf_conntrack_max',
      reason: 'the module that it belongs to is not loaded on this host',
      hint: 'asked for by host_vars/h.yml:3 linerate_settings',
    },
  ]);
});

test('a [fixed] feature is no setting unless it is as wanted, and refused for an inventory', (t) => {
  const lro = 'nic feature.large-receive-offload';
  t.deepEqual(plan({workload: [{set: lro, to: 'on'}]}).settings, []);
  const asked = plan({}, exampleFacts(), {linerate_settings: {[lro]: 'on'}});
  t.deepEqual(
    asked.blocks.map(({reason}) => reason),
    ['it cannot be changed: the driver has it [fixed]'],
  );
});

test('what could not be read is not known to differ', (t) => {
  const facts = exampleFacts();
  const live = {...facts.sysctls.live, 'kernel/x': {unreadable: 'Permission denied'}};
  const made = plan({workload: [{set: 'sysctl kernel/x', to: '1'}]}, {...facts, sysctls: {live, configured: []}});
  t.deepEqual(one(made, 'sysctl kernel/x')?.pending, []);
});

test('a change that would reset a NIC in use is refused; one that would not is planned', (t) => {
  const nic = exampleNic();
  const busy = {...nic, pci: {...(nic.pci ?? t.fail()), vfsEnabled: 4}} as typeof nic;
  const lines = [
    {set: 'nic ring.rx', to: '4096'},
    {set: 'nic txqueuelen', to: '2000'},
  ];
  const made = plan({workload: lines}, exampleFacts({nics: [busy]}));
  t.deepEqual(
    made.settings.map(({id}) => id),
    ['nic ens1f0 txqueuelen'],
  );
  t.deepEqual(
    made.blocks.map(({id, reason}) => [id, reason]),
    [
      [
        'nic ens1f0 ring.rx',
        '4096 would reset ens1f0, which has 4 virtual functions that guests or other programs may use',
      ],
    ],
  );
  const same = plan({workload: [{set: 'nic ring.rx', to: '2048'}]}, exampleFacts({nics: [busy]}));
  t.deepEqual(same.blocks, []);
});

test('nothing is planned in a container, and it says why', (t) => {
  const facts = exampleFacts();
  const contained = {...facts, platform: {...facts.platform, container: 'docker'}};
  const made = plan(
    {
      workload: [
        {set: SOMAXCONN, atLeast: '65535'},
        {set: 'thp enabled', to: 'never'},
      ],
    },
    contained,
  );
  t.deepEqual(made.settings, []);
  t.deepEqual(
    made.blocks.map(({id, reason}) => [id, reason]),
    [
      ['net.*', "this is a docker container: its network settings (1 wanted) are not the host's"],
      ['kernel', 'this is a docker container: kernel-wide settings (1 wanted) are not its own to change'],
    ],
  );
});

test('a container’s kernel is not mentioned where nothing is wanted of it', (t) => {
  const facts = exampleFacts();
  const contained = {...facts, platform: {...facts.platform, container: 'docker'}};
  const made = plan({workload: [{set: SOMAXCONN, atLeast: '65535'}]}, contained);
  t.deepEqual(
    made.blocks.map(({id}) => id),
    ['net.*'],
  );
});

test('NICs that are down are left out and named; linerate_nics chooses', (t) => {
  const facts = exampleFacts({nics: [exampleNic({name: 'eth0'}), exampleNic({name: 'eth1', adminUp: false})]});
  const lines = {workload: [{set: 'nic ring.rx', to: '4096'}]};
  const made = plan(lines, facts);
  t.deepEqual(
    made.settings.map(({id}) => id),
    ['nic eth0 ring.rx'],
  );
  t.deepEqual(
    made.findings.map(({message}) => message),
    ['eth1 is down and left out of the plan'],
  );
  const chosen = plan(lines, facts, {linerate_nics: ['eth1', 'eth9']});
  t.deepEqual(
    chosen.settings.map(({id}) => id),
    ['nic eth1 ring.rx'],
  );
  t.deepEqual(
    chosen.blocks.map(({id}) => id),
    ['nic eth9'],
  );
});

test('settings of NICs that carry the management connection are marked', (t) => {
  const facts = exampleFacts({
    nics: [exampleNic({name: 'eth0'}), exampleNic({name: 'eth1', firstIrq: 300})],
    network: {addresses: [], routes: [{family: 4, to: 'default', interface: 'eth1', table: 'main'}]},
  });
  const made = plan(
    {
      workload: [
        {set: 'nic ring.rx', to: '4096'},
        {set: SOMAXCONN, atLeast: '9999'},
      ],
    },
    facts,
  );
  t.deepEqual(
    made.settings.map(({id, management}) => [id, management ?? false]),
    [
      [SOMAXCONN, false],
      ['nic eth0 ring.rx', false],
      ['nic eth1 ring.rx', true],
    ],
  );
});

test('an unknown workload is the user’s fault, with the nearest name', (t) => {
  const fault = t.throws(() => plan({workloads: {throughput: []}}, exampleFacts(), {linerate_workload: 'througput'}), {
    instanceOf: Fault,
  });
  t.is(fault.code, 'unknown-workload');
  t.is(fault.hint, 'did you mean "throughput"?');
  t.is(fault.at, 'host_vars/h.yml:3 linerate_workload');
});

test('an inventory that lowers a ceiling is obeyed, and told', (t) => {
  const sheets = {workload: [{set: 'sysctl net/core/rmem_max', atLeast: '67108864'}]};
  const made = plan(sheets, exampleFacts(), {linerate_settings: {'sysctl net.core.rmem_max': 65536}});
  t.is(one(made, 'sysctl net/core/rmem_max')?.want, '65536');
  t.deepEqual(
    made.findings.map(({code}) => code),
    ['lowers-ceiling'],
  );
});

test('what is asked of a NIC that is not there is refused, rules too', (t) => {
  const settings = {'nic eth9 ring.rx': 512, 'rule eth9 irq': 'spread', 'irq ens1f0 rx-tx-77': '0'};
  const made = plan({}, exampleFacts(), {linerate_settings: settings});
  t.deepEqual(made.settings, []);
  t.deepEqual(
    made.blocks.map(({id, reason}) => `${id}: ${reason}`).sort((a, b) => (a < b ? -1 : 1)),
    [
      'irq ens1f0 rx-tx-77: this host has no such queue or vector',
      'nic eth9 ring.rx: this host has no NIC of this name',
      'rule eth9 irq: no NIC of this name is planned for',
    ],
  );
});
