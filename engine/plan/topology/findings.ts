import {formatCpuList, without} from '../../model/cpulist.ts';
import {known} from '../../model/known.ts';
import type {Finding} from '../../model/setting.ts';
import type {Machine} from './machine.ts';
import type {NicTopology} from './queues.ts';

const placed = ({nic, place}: NicTopology): readonly Finding[] => {
  if (place.elsewhere === undefined) return [];
  const about = `nic ${nic.name}`;
  if (place.elsewhere === 'unknown-node') {
    const message = `the platform does not tell the NUMA node of ${nic.name}: its queues are planned over all nodes`;
    return [
      {code: 'node-unknown', grade: 'notice', about, message, hint: 'a firmware update may add the missing _PXM'},
    ];
  }
  const message = `no CPU of ${nic.name}'s node is free for interrupts (offline, isolated or reserved): CPUs of other nodes are used`;
  return [{code: 'no-local-cpu', grade: 'notice', about, message}];
};

const managed = (machine: Machine, {nic, rules}: NicTopology): readonly Finding[] => {
  const owned = nic.irqs.filter((irq) => irq.managed);
  if (!rules.irq || owned.length === 0) return [];
  const astray = owned.filter((irq) => without(known(irq.effective) ?? [], machine.usable).length > 0);
  const where = astray.length === 0 ? '' : `, ${String(astray.length)} of them on isolated or reserved CPUs`;
  return [
    {
      code: 'managed-irqs',
      grade: 'notice',
      about: `nic ${nic.name}`,
      message: `the kernel owns the affinity of ${String(owned.length)} interrupts of ${nic.name}${where}: they stay where they are`,
      hint: 'isolcpus=managed_irq keeps such interrupts off isolated CPUs as far as it can',
      source: 'kernel Documentation/admin-guide/kernel-parameters.txt',
    },
  ];
};

const unmapped = ({nic, rules}: NicTopology): readonly Finding[] => {
  const queued = nic.irqs.some(({role, queue}) => role !== 'other' && queue !== undefined);
  if (!rules.irq || queued || nic.irqs.length < 2) return [];
  const named = nic.irqs.flatMap(({name}) => (name === '' ? [] : [name]));
  const names = named.length === 0 ? '' : ` (${named.slice(0, 3).join(', ')}${named.length > 3 ? ', …' : ''})`;
  const message = `none of ${nic.name}'s ${String(nic.irqs.length)} interrupts${names} tells which queue it serves: they are left alone`;
  return [{code: 'irqs-unmapped', grade: 'notice', about: `nic ${nic.name}`, message}];
};

const exhausted = (machine: Machine, topologies: readonly NicTopology[]): readonly Finding[] => {
  if (machine.usable.length > 0 || topologies.length === 0) return [];
  const message = `all online CPUs (${formatCpuList(machine.online)}) are isolated or reserved: interrupts are left alone`;
  return [{code: 'no-usable-cpu', grade: 'conflict', about: 'linerate_reserved_cpus', message}];
};

/** What the topology rules could not do as they should, and why. */
export const topologyFindings = (machine: Machine, topologies: readonly NicTopology[]): readonly Finding[] => [
  ...exhausted(machine, topologies),
  ...topologies.flatMap((one) => [...placed(one), ...managed(machine, one), ...unmapped(one)]),
];
