import test from 'ava';
import fc from 'fast-check';
import {type Vector, vectorOf} from '../../../../engine/facts/irq-vectors.ts';

type Row = readonly [driver: string, names: readonly string[], vectors: readonly string[]];

const PCI = '@pci:0000:3b:00.0';

// What the kernel's drivers call their vectors, and what each serves: `rx-tx 0`, or `other`.
const ROWS: readonly Row[] = [
  ['ena', [`ena-mgmnt${PCI}`, 'ens5-Tx-Rx-0', 'ens5-Tx-Rx-1'], ['other', 'rx-tx 0', 'rx-tx 1']],
  ['ixgbe', ['eth0-TxRx-0', 'eth0-TxRx-63', 'eth0'], ['rx-tx 0', 'rx-tx 63', 'other']],
  ['ixgbe', ['eth0-rx-0', 'eth0-rx-1', 'eth0-tx-0', 'eth0'], ['rx 0', 'rx 1', 'tx 0', 'other']],
  ['ixgbevf', ['eth0-TxRx-0', 'eth0-TxRx-1', 'eth0'], ['rx-tx 0', 'rx-tx 1', 'other']],
  ['igb', ['eno1', 'eno1-TxRx-0', 'eno1-TxRx-7'], ['other', 'rx-tx 0', 'rx-tx 7']],
  ['igb', ['eno1', 'eno1-rx-0', 'eno1-tx-0'], ['other', 'rx 0', 'tx 0']],
  ['igc', ['enp2s0', 'enp2s0-TxRx-3'], ['other', 'rx-tx 3']],
  ['i40e', ['i40e-0000:3b:00.0:misc', 'i40e-ens1f0-TxRx-12'], ['other', 'rx-tx 12']],
  ['ice', ['ice-0000:3b:00.0:misc', 'ice-ens1f0-TxRx-0', 'ice-ens1f0-TxRx-1'], ['other', 'rx-tx 0', 'rx-tx 1']],
  ['iavf', ['iavf-0000:3b:02.0:mbx', 'iavf-ens1f0v0-TxRx-3'], ['other', 'rx-tx 3']],
  ['mlx5_core', [`mlx5_async0${PCI}`, `mlx5_comp0${PCI}`, `mlx5_comp11${PCI}`], ['other', 'rx-tx 0', 'rx-tx 11']],
  ['mlx4_core', [`mlx4-async${PCI}`, 'mlx4-1@0000:3b:00.0', 'mlx4-8@0000:3b:00.0'], ['other', 'rx-tx 0', 'rx-tx 7']],
  ['bnxt_en', ['ens3f0-TxRx-0', 'ens3f0-TxRx-7'], ['rx-tx 0', 'rx-tx 7']],
  ['bnxt_en', ['e-rx-0', 'e-rx-1', 'e-tx-2', 'e-tx-3'], ['rx 0', 'rx 1', 'tx 0', 'tx 1']],
  [
    'virtio_net',
    ['virtio3-config', 'virtio3-input.0', 'virtio3-output.0', 'virtio3-input.1'],
    ['other', 'rx 0', 'tx 0', 'rx 1'],
  ],
  ['virtio_net', ['virtio3-config', 'virtio3-virtqueues'], ['other', 'rx-tx 0']],
  ['virtio_net', ['virtio1'], ['rx-tx 0']],
  ['vif', ['vif0-q0-tx', 'vif0-q0-rx', 'vif0-q1-tx', 'vif0-q1-rx'], ['tx 0', 'rx 0', 'tx 1', 'rx 1']],
  ['vif', ['eth0'], ['rx-tx 0']],
  ['vmxnet3', ['ens192-rxtx-0', 'ens192-rxtx-7', 'ens192-event-8'], ['rx-tx 0', 'rx-tx 7', 'other']],
  ['vmxnet3', ['e-tx-0', 'e-tx-1', 'e-rx-2', 'e-rx-3', 'e-event-4'], ['tx 0', 'tx 1', 'rx 0', 'rx 1', 'other']],
  ['vmxnet3', ['e-tx-0', 'e-rx-1', 'e-rx-2', 'e-event-3'], ['tx 0', 'rx 0', 'rx 1', 'other']],
  [
    'gve',
    ['gve-ntfy-blk0', 'gve-ntfy-blk1', 'gve-ntfy-blk2', 'gve-ntfy-blk3', 'gve-mgmnt'].map((name) => `${name}${PCI}`),
    ['tx 0', 'tx 1', 'rx 0', 'rx 1', 'other'],
  ],
  ['gve', ['ens4-ntfy-block.0', 'ens4-ntfy-block.1', 'ens4-mgmnt'], ['tx 0', 'rx 0', 'other']],
  ['mana', [`mana_hwc${PCI}`, `mana_q0${PCI}`, `mana_q15${PCI}`], ['other', 'rx-tx 0', 'rx-tx 15']],
  ['sfc', ['ens2f0-0', 'ens2f0-1', 'ens2f0-xdp-0'], ['rx-tx 0', 'rx-tx 1', 'other']],
  ['sfc', ['ens2f0-rx-0', 'ens2f0-rx-1', 'ens2f0-tx-0'], ['rx 0', 'rx 1', 'tx 0']],
  ['nfp', ['ens4np0-rxtx-0', 'ens4np0-rxtx-1', 'nfp-0000:3b:00.0-lsc'], ['rx-tx 0', 'rx-tx 1', 'other']],
  ['tg3', ['eth0-tx-0', 'eth0-rx-1', 'eth0-rx-4'], ['tx 0', 'rx 0', 'rx 3']],
  ['tg3', ['eth0-0', 'eth0-txrx-1', 'eth0-txrx-2', 'eth0-rx-3'], ['other', 'rx-tx 0', 'rx-tx 1', 'rx 2']],
  ['tg3', ['eth0'], ['rx-tx 0']],
  ['bnx2', ['eth0-0', 'eth0-7'], ['rx-tx 0', 'rx-tx 7']],
  ['e1000e', ['enp0s31f6'], ['rx-tx 0']],
  ['e1000e', ['enp3s0-rx-0', 'enp3s0-tx-0', 'enp3s0'], ['rx 0', 'tx 0', 'other']],
  ['r8169', ['enp5s0'], ['rx-tx 0']],
  ['no_such_driver', ['eth0-TxRx-0'], ['other']],
];

const spoken = ({role, queue}: Vector): string => (queue === undefined ? role : `${role} ${String(queue)}`);

for (const [driver, names, vectors] of ROWS) {
  test(`${driver}: ${names.join(', ')}`, (t) => {
    t.deepEqual(
      names.map((name) => spoken(vectorOf(driver, name, {names}))),
      [...vectors],
    );
  });

  test(`${driver} after a rename: ${names.join(', ')}`, (t) => {
    const renamed = names.map((name) =>
      name.replace(/^(?:i40e-|ice-|iavf-)?(?:e[a-z0-9]+)(?=-|$)/, (old) => `${old}_x`),
    );
    t.deepEqual(
      renamed.map((name) => spoken(vectorOf(driver, name, {names: renamed}))),
      [...vectors],
    );
  });

  test(`${driver}: no two vectors serve the same: ${names.join(', ')}`, (t) => {
    const served = names
      .map((name) => vectorOf(driver, name, {names}))
      .filter(({queue}) => queue !== undefined)
      .flatMap(({role, queue}) => role.split('-').map((side) => `${side} ${String(queue)}`));
    t.is(new Set(served).size, served.length);
  });
}

test('vectors that outlive their queues serve nothing', (t) => {
  const names = Array.from({length: 8}, (_, index) => `mlx5_comp${String(index)}${PCI}`);
  const vectors = names.map((name) => spoken(vectorOf('mlx5_core', name, {names, queues: {rx: 4, tx: 4}})));
  t.deepEqual(vectors.slice(3), ['rx-tx 3', 'other', 'other', 'other', 'other']);
  const blocks = Array.from({length: 8}, (_, index) => `gve-ntfy-blk${String(index)}${PCI}`);
  const served = blocks.map((name) => spoken(vectorOf('gve', name, {names: blocks, queues: {rx: 1, tx: 2}})));
  t.deepEqual(served, ['tx 0', 'tx 1', 'other', 'other', 'rx 0', 'other', 'other', 'other']);
});

test('any name gets a vector, and a queue only with a role', (t) => {
  const drivers = [...new Set(ROWS.map(([driver]) => driver))];
  const name = fc.oneof(fc.string(), fc.constantFrom(...ROWS.flatMap(([, names]) => names)));
  fc.assert(
    fc.property(fc.constantFrom(...drivers), fc.array(name, {minLength: 1}), (driver, names) => {
      for (const irqName of names) {
        const {role, queue} = vectorOf(driver, irqName, {names});
        t.is(role === 'other', queue === undefined);
        t.true(queue === undefined || (Number.isSafeInteger(queue) && queue >= 0));
      }
    }),
  );
});
