import type {Fault} from '../../model/fault.ts';
import {printable} from '../../model/printable.ts';
import type {Output} from '../output.ts';

/** `error: inventory.yml:3: …` with the hint below it: what a person needs to mend it, nothing more. */
export const renderFault = (fault: Fault, output: Pick<Output, 'paintError'>): string => {
  // Many sentences about a host begin with its name already.
  const host = fault.host !== undefined && fault.message.startsWith(fault.host) ? undefined : fault.host;
  const where = [fault.at, host].filter((part) => part !== undefined).map((part) => `${printable(part)}: `);
  const lines = [`${output.paintError('redBright', 'error:')} ${where.join('')}${printable(fault.message)}`];
  if (fault.hint !== undefined) lines.push(`  ${output.paintError('cyan', 'hint:')} ${printable(fault.hint)}`);
  if (fault.code === 'bug' && fault.cause instanceof Error) lines.push(printable(fault.cause.stack ?? ''));
  return `${lines.join('\n')}\n`;
};
