import type {Cpu} from '../facts/cpu.ts';
import type {Plan} from '../model/setting.ts';
import {foldSettings, type Row} from './fold.ts';

const sentence = (row: Row): string => {
  const boot = row.boot === row.live ? '' : ` (next boot: ${row.boot})`;
  const marks = [
    ...(row.pending.length === 1 && row.pending[0] === 'boot' ? ['not persistent'] : []),
    ...(row.effect === 'live' ? [] : [row.effect]),
    ...(row.management ? ['management path'] : []),
    ...row.settings.flatMap((setting) => setting.limit ?? []).slice(0, 1),
  ];
  const subject = row.subject === '' ? '' : `${row.subject} `;
  return `${subject}${row.label}: ${row.live}${boot} → ${row.want}${marks.length === 0 ? '' : ` [${marks.join('; ')}]`}`;
};

/** A plan as one sentence for each pending change, block and finding: what tests and reviews compare. */
export const planSentences = (plan: Plan, cpu?: Pick<Cpu, 'threads'>): readonly string[] => [
  ...foldSettings(
    plan.settings.filter((setting) => setting.pending.length > 0),
    cpu,
  ).map(sentence),
  ...plan.blocks.map((block) => `refused ${block.id}: ${block.reason}`),
  ...plan.findings.map((finding) => `${finding.grade} ${finding.about}: ${finding.message}`),
];
