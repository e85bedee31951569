import type {Step} from '../../../engine/model/change.ts';
import {parseCpuList} from '../../../engine/model/cpulist.ts';
import {ethtool} from './ethtool.ts';
import {writeFile} from './files.ts';
import {nicIn, type StepHost} from './host.ts';
import {runProgram} from './programs.ts';

const setAffinity = (host: StepHost, name: string, cpus: string): void => {
  const found = host.facts.nics.flatMap(({irqs}) => irqs).filter((irq) => irq.name === name);
  const list = parseCpuList(cpus) ?? [];
  if (found.length === 0) throw new Error(`no interrupt ${name}`);
  if (!list.some((cpu) => host.facts.cpu.online.includes(cpu))) throw new Error(`EINVAL: ${name} to ${cpus}`);
  for (const irq of found) irq.affinity = [...list];
};

const carryOut = (host: StepHost, step: Step): void => {
  if (step.do === 'write') writeFile(host, step.path, step.text);
  else if (step.do === 'affinity') setAffinity(host, step.irq, step.cpus);
  else if (step.do === 'settle') nicIn(host, step.nic);
  else if (step.do === 'run' && step.argv[0] === 'ethtool') ethtool(host, step.argv.slice(1));
  else runProgram(host, step);
};

/**
 * Does to a model what the steps do to a host, by what kernel and ethtool do, not by the planner's code: each reset
 * renumbers the NIC's interrupts and forgets their CPUs and XPS. Throws where the host would refuse.
 */
export const carryOutSteps = (host: StepHost, steps: readonly Step[]): void => {
  for (const step of steps) {
    try {
      carryOut(host, step);
    } catch (error) {
      if (step.do !== 'run' || !step.optional) throw error;
    }
  }
};
