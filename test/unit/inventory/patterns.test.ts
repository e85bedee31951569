import test from 'ava';
import fc from 'fast-check';
import type {Facts} from '../../../engine/facts/facts.ts';
import {selectHosts} from '../../../engine/inventory/patterns.ts';
import {Fault} from '../../../engine/model/fault.ts';
import {exampleFacts, exampleMachine, exampleNic} from '../../support/facts.ts';
import {inventoryOf} from '../../support/inventory-text.ts';

const INVENTORY = inventoryOf('lone\n[web]\nweb[1:3]\n[db]\ndb1\ndb2\n[prod:children]\nweb\n[dc1]\nweb1\ndb1\n');

const base = exampleFacts();
const MLX: Facts = exampleFacts({
  nics: [exampleNic({name: 'ens1f0', driver: 'mlx5_core', speedMbps: 100_000})],
  ...exampleMachine({sockets: 2, coresPerSocket: 32}),
  platform: {...base.platform, virtualisation: 'none', cloud: 'ec2'},
});
const VIRTIO: Facts = exampleFacts({
  os: {...base.os, id: 'ubuntu', idLike: ['debian'], versionId: '24.04', kernel: '5.15.0-100-generic'},
  nics: [exampleNic({name: 'eth0', driver: 'virtio_net', speedMbps: 10_000})],
  platform: {...base.platform, virtualisation: 'kvm'},
});

/** The hosts that stay when web hosts have Mellanox NICs and all others virtio. */
const selected = (...patterns: readonly string[]): readonly string[] => {
  const {hosts, matches} = selectHosts(INVENTORY, patterns);
  return hosts.filter((host) => matches(host, host.startsWith('web') ? MLX : VIRTIO));
};

const SELECTIONS: readonly (readonly [patterns: readonly string[], hosts: string])[] = [
  [['nic=mlx5_core'], 'web1 web2 web3'],
  [['nic=mlx5*'], 'web1 web2 web3'],
  [['nic=ens1f0'], 'web1 web2 web3'],
  [['driver=virtio_net'], 'lone db1 db2'],
  [['driver=!=virtio_net'], 'web1 web2 web3'],
  [['os=debian'], 'lone web1 web2 web3 db1 db2'],
  [['os=ubuntu'], 'lone db1 db2'],
  [['os=debian12'], 'web1 web2 web3'],
  [['kernel=>=6.1'], 'web1 web2 web3'],
  [['kernel<6'], 'lone db1 db2'],
  [['kernel=5.15'], 'lone db1 db2'],
  [['kernel=5.1'], ''],
  [['kernel=6.1.*'], 'web1 web2 web3'],
  [['cpus=>=64'], 'web1 web2 web3'],
  [['cpus>=64'], 'web1 web2 web3'],
  [['cpus=64'], 'web1 web2 web3'],
  [['nodes=2'], 'web1 web2 web3'],
  [['speed=>=100000'], 'web1 web2 web3'],
  [['speed=<=10000'], 'lone db1 db2'],
  [['virt=kvm'], 'lone db1 db2'],
  [['cloud=ec2'], 'web1 web2 web3'],
  [['cloud=none'], 'lone db1 db2'],
  [['dc1,&nic=mlx5_core'], 'web1'],
  [['dc1:&nic=mlx5_core'], 'web1'],
  [['dc1,!nic=mlx5_core'], 'db1'],
  [['db1,nic=mlx5_core'], 'db1 web1 web2 web3'],
  [['nic=mlx5_core,!web2'], 'web1 web3'],
  [['web1', 'virt=kvm'], 'web1 lone db1 db2'],
  [['!virt=kvm'], 'web1 web2 web3'],
  [['&cpus>=64,&cloud=ec2,!web1'], 'web2 web3'],
];

for (const [patterns, hosts] of SELECTIONS) {
  test(`selects by facts: ${patterns.join(' -l ')}`, (t) => {
    t.is(selected(...patterns).join(' '), hosts);
  });
}

test('hosts that no facts can bring in are not candidates, so they are never asked', (t) => {
  t.deepEqual(selectHosts(INVENTORY, ['dc1,&nic=mlx5_core,!db']).hosts, ['web1']);
  t.true(selectHosts(INVENTORY, ['dc1,&nic=mlx5_core']).needsFacts);
  t.false(selectHosts(INVENTORY, ['dc1']).needsFacts);
});

test('patterns that match nothing are named', (t) => {
  t.deepEqual(selectHosts(INVENTORY, ['web,nosuch,&nothere,!gone*']).unmatched, ['nosuch', 'nothere', 'gone*']);
  t.deepEqual(selectHosts(INVENTORY, ['@']).unmatched, ['@']);
});

test('several limits and the lines of a file are one list of patterns', (t) => {
  t.deepEqual(selectHosts(INVENTORY, ['web', '', 'db1', '!web2']).hosts, ['web1', 'web3', 'db1']);
  t.deepEqual(
    selectHosts(INVENTORY, []).hosts,
    [...INVENTORY.hosts.keys()].toSorted((a, b) => order(a) - order(b)),
  );
});

const order = (host: string): number => selectHosts(INVENTORY, ['all']).hosts.indexOf(host);

const REFUSED: readonly (readonly [pattern: string, message: string])[] = [
  ['nick=mlx5_core', 'there is no selector nick (in nick=mlx5_core)'],
  ['constructor=x', 'there is no selector constructor (in constructor=x)'],
  ['cpus=many', 'cpus cannot be compared so: cpus=many'],
  ['os=>debian', 'os cannot be compared so: os=>debian'],
  ['web,!', 'a pattern of hosts is empty after its & or !'],
  ['~web(', '~web( is not a valid regular expression'],
  ['web[7]', 'web[7] asks for more than the 3 hosts that there are'],
];

for (const [pattern, message] of REFUSED) {
  test(`refuses ${pattern}`, (t) => {
    t.throws(() => selectHosts(INVENTORY, [pattern]), {instanceOf: Fault, message});
  });
}

const pattern = fc.constantFrom(
  'web',
  'db',
  'prod',
  'dc1',
  'lone',
  'web1',
  'db*',
  'w*2',
  '~.*1',
  'all',
  'cpus>=64',
  'virt=kvm',
);

test('laws of sets: order of & and ! does not matter, and each can only take away', (t) => {
  fc.assert(
    fc.property(
      fc.array(pattern, {minLength: 1}),
      fc.array(pattern),
      fc.array(pattern),
      (union, required, excluded) => {
        const signs = [...required.map((item) => `&${item}`), ...excluded.map((item) => `!${item}`)];
        const hosts = selected(...union, ...signs);
        t.deepEqual(selected(...signs.toReversed(), ...union), hosts);
        const whole = selected(...union);
        t.deepEqual(
          hosts,
          whole.filter((host) => {
            const within = (item: string): boolean => selected(item).includes(host);
            return required.every(within) && !excluded.some(within);
          }),
        );
        t.is(new Set(whole).size, whole.length);
      },
    ),
    {numRuns: 200},
  );
});
