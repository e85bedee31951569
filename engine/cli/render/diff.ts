import {printable} from '../../model/printable.ts';
import type {Block, Finding} from '../../model/setting.ts';
import type {HostGroup, HostRows} from '../../plan/fleet.ts';
import type {Row} from '../../plan/fold.ts';
import {foldHostNames} from '../../plan/host-names.ts';
import type {HostSummary, NicSummary} from '../../plan/summary.ts';
import type {Output, Style} from '../output.ts';
import {memoryText, speedText, wrap} from './columns.ts';
import {renderHeadings, renderRow, widthsOf, type RowOptions} from './row.ts';

export type DiffHost = HostRows & {summary: HostSummary; digest: string};

export type DiffRenderOptions = {
  /** 0: what changes. 1: with why and source. 2: also what holds already. */
  verbosity: number;
};

const hostLine = (group: HostGroup<DiffHost>, output: Output): string => {
  const {summary, plan} = group.example;
  const many = group.hosts.length > 1 ? ` (${String(group.hosts.length)} hosts)` : '';
  const facts = [
    plan.workload,
    summary.os,
    summary.kernel,
    summary.cpu,
    ...(summary.nodes > 1 ? [`${String(summary.nodes)} NUMA nodes`] : []),
    memoryText(summary.memoryKb),
    summary.platform,
  ];
  return `${output.paint('bold', printable(foldHostNames(group.hosts)))}${many}  ${output.paint('dim', printable(facts.join(' · ')))}`;
};

const nicLine = (name: string, nic: NicSummary | undefined, output: Output): string => {
  if (nic === undefined) return `  ${output.paint('bold', printable(name))}`;
  const facts = [
    nic.model === nic.driver ? nic.driver : `${nic.model} (${nic.driver})`,
    ...(nic.node >= 0 ? [`node ${String(nic.node)}`] : []),
    ...(nic.speedMbps === undefined ? [] : [speedText(nic.speedMbps)]),
    ...(nic.up ? [] : ['link down']),
    ...(nic.management ? ['carries the management connection'] : []),
  ];
  return `  ${output.paint('bold', printable(name))}  ${output.paint('dim', printable(facts.join(' · ')))}`;
};

const byKey = <T>(items: readonly T[], key: (item: T) => string): Map<string, T[]> => Map.groupBy(items, key);

const renderRows = (rows: readonly Row[], summary: HostSummary, options: RowOptions, output: Output): string[] =>
  [...byKey(rows, (row) => row.subject)].flatMap(([subject, own]) => [
    subject === ''
      ? `  ${output.paint('bold', 'host')}`
      : nicLine(
          subject,
          summary.nics.find((nic) => nic.name === subject),
          output,
        ),
    ...[...byKey(own, (row) => row.topic)].flatMap(([topic, sameTopic]) => [
      `    ${output.paint(['dim', 'underline'], printable(topic))}`,
      ...sameTopic.flatMap((row) => renderRow(row, options, output)),
    ]),
  ]);

const GRADES: Readonly<Record<Finding['grade'], {word: string; style: Style}>> = {
  harmful: {word: 'harmful', style: 'red'},
  conflict: {word: 'conflict', style: 'magenta'},
  notice: {word: 'notice', style: 'cyan'},
};

const remark = (word: string, style: Style, text: string, hint: string | undefined, output: Output): string[] => {
  const lines = wrap(printable(text), Math.max(40, (output.columns || 120) - 13));
  return [
    ...lines.map((line, index) => `  ${index === 0 ? output.paint(style, word.padEnd(9)) : ' '.repeat(9)} ${line}`),
    ...(hint === undefined
      ? []
      : wrap(printable(hint), Math.max(40, (output.columns || 120) - 13)).map(
          (line) => `            ${output.paint('dim', line)}`,
        )),
  ];
};

const renderFindings = (findings: readonly Finding[], blocks: readonly Block[], output: Output): string[] => [
  ...findings.flatMap((finding) => {
    const {word, style} = GRADES[finding.grade];
    return remark(word, style, finding.message, finding.hint, output);
  }),
  ...blocks.flatMap((block) => remark('refused', 'yellow', `${block.id}: ${block.reason}`, block.hint, output)),
];

/** Rows that hold now but that no file makes last are one line unless asked for: they are many and all alike. */
const split = (rows: readonly Row[], verbosity: number): {shown: readonly Row[]; unkept: readonly Row[]} => {
  const pending = rows.filter((row) => row.pending.length > 0);
  const quiet = (row: Row): boolean => !row.pending.includes('live') && row.boot === 'default';
  if (verbosity > 0) return {shown: verbosity > 1 ? rows : pending, unkept: []};
  const unkept = pending.filter(quiet);
  return unkept.length < 3 ? {shown: pending, unkept: []} : {shown: pending.filter((row) => !quiet(row)), unkept};
};

const renderUnkept = (rows: readonly Row[], output: Output): string[] => {
  if (rows.length === 0) return [];
  const names = rows.map((row) => (row.subject === '' ? row.label : `${row.subject} ${row.label}`)).join(', ');
  const text = `${String(rows.length)} more hold now, but nothing keeps them over a reboot: ${names}`;
  return wrap(printable(text), Math.max(40, (output.columns || 120) - 4)).map(
    (line, index) => `${index === 0 ? `  ${output.paint('yellow', '+')} ` : '    '}${output.paint('dim', line)}`,
  );
};

const renderOutlier = (outlier: NonNullable<HostGroup<DiffHost>['outlier']>, output: Output): string[] => [
  output.paint('dim', `  as ${printable(foldHostNames(outlier.of))} in ${String(outlier.shared)} changes, but for:`),
  ...outlier.lacks.map((row) =>
    output.paint('dim', `    no change of ${printable(`${row.subject} ${row.label}`.trim())}`),
  ),
];

const holds = (count: number): string =>
  count === 0 ? 'there is nothing to plan here' : `all ${String(count)} settings hold, now and at the next boot`;

/** One group of equal hosts: heading, rows by NIC and topic, then what stands in the way. */
export const renderGroup = (group: HostGroup<DiffHost>, options: DiffRenderOptions, output: Output): string => {
  const {plan, rows, summary} = group.example;
  const {shown, unkept} = split(group.outlier?.rows ?? rows, options.verbosity);
  const rowOptions: RowOptions = {
    widths: widthsOf(shown, options.verbosity > 0),
    verbose: options.verbosity > 0,
    columns: output.columns,
  };
  const findings = group.outlier?.findings ?? plan.findings;
  const quiet = shown.length === 0 && unkept.length === 0;
  const lines = [
    hostLine(group, output),
    ...(group.outlier ? renderOutlier(group.outlier, output) : []),
    ...(shown.length === 0 ? [] : [renderHeadings(rowOptions.widths, output)]),
    ...renderRows(shown, summary, rowOptions, output),
    ...renderUnkept(unkept, output),
    ...(quiet && !group.outlier ? [`  ${output.paint('green', holds(plan.settings.length))}`] : []),
    ...renderFindings(findings, group.outlier ? [] : plan.blocks, output),
    ...(summary.root
      ? []
      : remark(
          'notice',
          'cyan',
          'read without root: what only root can see is left out',
          'become root with -b',
          output,
        )),
  ];
  return `${lines.join('\n')}\n\n`;
};
