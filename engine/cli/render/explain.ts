import type {ExplainedSetting} from '../../actions/explain.ts';
import {printable} from '../../model/printable.ts';
import {bootText, heldText, shownValue} from '../../plan/fold.ts';
import {wishText, type Explanation, type Standing, type Wish} from '../../plan/explain.ts';
import type {Output} from '../output.ts';
import {wrap} from './columns.ts';

const WORD = 9;

const field = (word: string, text: string, output: Output): string[] =>
  wrap(printable(text), Math.max(40, (output.columns || 110) - WORD - 4)).map(
    (line, index) => `  ${index === 0 ? output.paint('cyan', word.padEnd(WORD)) : ' '.repeat(WORD)} ${line}`,
  );

const general = ({address, knowledge, folklore}: Explanation, output: Output): string[] => [
  output.paint('bold', printable(address)),
  ...(knowledge === undefined
    ? field('what', 'nothing is known of it beyond its name', output)
    : [
        ...field('what', `${knowledge.what}${knowledge.unit === undefined ? '' : ` (${knowledge.unit})`}`, output),
        ...(knowledge.default === undefined ? [] : field('default', knowledge.default, output)),
        ...(knowledge.cost === undefined ? [] : field('costs', knowledge.cost, output)),
        ...field('source', knowledge.source, output),
      ]),
  ...folklore.flatMap((row) => [
    ...field(
      row.grade === 'harmful' ? 'never' : 'beware',
      `${row.when === 'any' ? 'set at all' : row.when}: ${row.message} (${row.source})`,
      output,
    ),
  ]),
];

const wishLines = (wishes: readonly Wish[], own: string, output: Output): string[] =>
  [...Map.groupBy(wishes, (wish) => `${wishText(wish.entry)}|${wish.entry.why}|${wish.entry.source}`).values()].flatMap(
    (same) => {
      const [first] = same;
      if (first === undefined) return [];
      const names = [...new Set(same.map((wish) => wish.workload))];
      const nics = [...new Set(same.flatMap((wish) => wish.nic ?? []))];
      const where = nics.length === 0 ? '' : ` on ${nics.join(', ')}`;
      const mark = names.includes(own) ? output.paint('green', '*') : ' ';
      return [
        `  ${mark} ${output.paint('bold', names.join(', '))}${printable(where)}: ${output.paint('green', printable(wishText(first.entry)))}`,
        ...wrap(
          printable(`${first.entry.why}. ${first.entry.source}; ${first.entry.at}`),
          Math.max(40, (output.columns || 110) - 8),
        ).map((line) => `      ${output.paint('dim', line)}`),
      ];
    },
  );

const standingLines = ({id, live, boot, setting, block, findings}: Standing, output: Output): string[] => {
  const pending = setting?.pending.length ?? 0;
  const state = [
    `now ${heldText(id, live)}`,
    `next boot ${bootText(id, boot)}${boot.by === undefined ? '' : ` (${boot.by})`}`,
    setting === undefined
      ? 'not planned'
      : `wanted ${shownValue(id, setting.want)}${pending === 0 ? ', which holds' : ''}`,
  ].join(' · ');
  return [
    `  ${printable(id)}: ${output.paint(pending > 0 ? 'yellow' : 'dim', printable(state))}`,
    ...(setting === undefined ? [] : field('  why', `${setting.why} (${setting.source}; ${setting.from.at})`, output)),
    ...(setting?.limit === undefined ? [] : field('  limit', setting.limit, output)),
    ...(setting === undefined || setting.effect === 'live' ? [] : field('  disturbs', setting.effect, output)),
    ...(block === undefined ? [] : field('  refused', block.reason, output)),
    ...findings.flatMap((finding) => field(`  ${finding.grade}`, finding.message, output)),
  ];
};

/** What a setting is (for the first host only), then how it stands on the host and what each workload asks for there. */
export const renderExplanation = (
  host: string,
  {explanation, workload}: ExplainedSetting,
  first: boolean,
  output: Output,
): string => {
  const wishes = wishLines(explanation.wishes, workload, output);
  const lines = [
    ...(first ? [...general(explanation, output), ''] : []),
    `${output.paint('bold', printable(host))} ${output.paint('dim', `(${workload})`)}`,
    ...(explanation.standings.length === 0
      ? ['  this host has no such setting']
      : explanation.standings.flatMap((standing) => standingLines(standing, output))),
    ...(wishes.length === 0 ? ['  no workload asks for it here'] : ['  asked for here by:', ...wishes]),
  ];
  return `${lines.join('\n')}\n\n`;
};
