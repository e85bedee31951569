import type {Step} from '../../../engine/model/change.ts';

/** A step as a person would type it. */
export const said = (step: Step): string => {
  if (step.do === 'run') return `${step.argv.join(' ')}${step.optional ? ' (if it can)' : ''}`;
  if (step.do === 'write') return `${step.text} > ${step.path}`;
  if (step.do === 'affinity') return `${step.irq} to ${step.cpus}`;
  if (step.do === 'packages')
    return `packages of ${step.program} ${[...step.install, ...step.remove, ...step.purge].join(' ')}`;
  if (step.do === 'packages-back') return `packages of ${step.program} as they were`;
  return step.do === 'settle' ? `wait for ${step.nic}` : `${step.do} ${step.path}`;
};
