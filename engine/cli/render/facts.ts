import {identityOf} from '../../../dataplane/nics.ts';
import type {Facts} from '../../facts/facts.ts';
import type {Nic} from '../../facts/nic.ts';
import {formatCpuList} from '../../model/cpulist.ts';
import {isUnknown, known} from '../../model/known.ts';
import {printable} from '../../model/printable.ts';
import {cpuText} from '../../plan/summary.ts';
import type {Output} from '../output.ts';
import {memoryText, speedText} from './columns.ts';

const ringsText = (nic: Nic): string => {
  const rings = known(nic.rings);
  return rings
    ? `rings rx ${String(rings.now.rx ?? '-')}/${String(rings.max.rx ?? '-')} tx ${String(rings.now.tx ?? '-')}/${String(rings.max.tx ?? '-')}`
    : '';
};

const queuesText = (nic: Nic): string => {
  const channels = known(nic.channels);
  const most = channels?.max.combined ?? channels?.max.rx;
  const limit = most === undefined ? '' : ` of ${String(most)}`;
  return `queues ${String(nic.rxQueues.length)} rx ${String(nic.txQueues.length)} tx${limit}`;
};

const irqsText = (nic: Nic): string => {
  const queueIrqs = nic.irqs.filter((irq) => irq.role !== 'other');
  if (queueIrqs.length === 0) return '';
  const cpus = queueIrqs.map((irq) => (isUnknown(irq.effective) ? irq.affinity : irq.effective));
  const text = [...new Set(cpus.map((set) => (isUnknown(set) ? '?' : formatCpuList(set))))].join(' ');
  return `IRQs on CPUs ${text.length > 40 ? `${text.slice(0, 39)}…` : text}`;
};

const nicLines = (nic: Nic, output: Output): string[] => {
  const model = (nic.pci && identityOf(nic.pci.vendor, nic.pci.device)?.name) ?? nic.kind;
  const first = [
    model,
    [nic.driver, nic.driverVersion].filter(Boolean).join(' '),
    ...(nic.pci ? [nic.pci.address, nic.pci.numaNode < 0 ? 'node unknown' : `node ${String(nic.pci.numaNode)}`] : []),
    ...(nic.speedMbps === undefined ? [] : [speedText(nic.speedMbps)]),
    `MTU ${String(nic.mtu)}`,
    nic.operstate,
  ].filter(Boolean);
  const second = [ringsText(nic), queuesText(nic), irqsText(nic)].filter(Boolean);
  return [
    `  ${output.paint('bold', printable(nic.name))}  ${printable(first.join(' · '))}`,
    `      ${output.paint('dim', printable(second.join(' · ')))}`,
  ];
};

/** A host in a screenful: what a person asks first. `--json` has all of it. */
export const renderFacts = (host: string, facts: Facts, output: Output): string => {
  const {os, cpu, numa, platform} = facts;
  const nodes = numa.nodes.map(
    (node) => `  node ${String(node.node)}  CPUs ${formatCpuList(node.cpus)} · ${memoryText(node.memoryKb)}`,
  );
  const virtual = facts.nics.filter((nic) => nic.devicePath === undefined);
  const running = facts.services.services.filter((service) => service.active).map((service) => service.name);
  const lines = [
    `${output.paint('bold', printable(host))}  ${printable(`${os.prettyName} · ${os.kernel} · ${os.architecture} · ${platform.virtualisation}`)}`,
    `  ${printable(cpu.model)} · ${cpuText(cpu)} · CPUs ${formatCpuList(cpu.online)} · ${memoryText(numa.memoryKb)}`,
    ...nodes,
    ...facts.nics.filter((nic) => nic.devicePath !== undefined).flatMap((nic) => nicLines(nic, output)),
    ...(virtual.length === 0
      ? []
      : [
          `  ${output.paint('dim', printable(`virtual: ${virtual.map((nic) => `${nic.name} (${nic.kind})`).join(', ')}`))}`,
        ]),
    ...(running.length === 0 ? [] : [`  ${output.paint('dim', `running: ${printable(running.join(', '))}`)}`]),
  ];
  return `${lines.join('\n')}\n\n`;
};
