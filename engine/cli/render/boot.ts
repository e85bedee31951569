import type {KernelBoot} from '../../actions/kernel-boot.ts';
import {printable} from '../../model/printable.ts';
import type {BootReport} from '../../stages/kernel/boot/report.ts';
import type {Output} from '../output.ts';
import {cell} from './columns.ts';

const queues = (count: number): string => (count === 1 ? '1 queue' : `${String(count)} queues`);

const nicText = ({driver, answers, queues: count}: BootReport['nics'][number]): string =>
  answers ? `${driver} answers (${queues(count)})` : `${driver} is silent`;

const diskText = ({name, readable}: BootReport['disks'][number]): string =>
  `${name} ${readable ? 'reads ext4' : 'cannot be read'}`;

const rowsOf = (report: BootReport): readonly (readonly [string, string])[] => [
  ['first process after', `${String(report.seconds)} s`],
  ['version', report.version],
  ['NICs', report.nics.map(nicText).join(', ')],
  ['disks', report.disks.map(diskText).join(', ')],
  ['configuration', report.configDigest === undefined ? 'it does not carry it' : 'as it was compiled'],
  ['BPF type information', report.btf ? 'yes' : 'no'],
];

/** What a booted kernel showed of itself, by the firmware that started it. */
export const bootLines = ({name, reports, folder}: KernelBoot, {paint}: Pick<Output, 'paint'>): string => {
  const sections = reports.map((report) => {
    const title = paint('bold', `${name}  ${printable(report.release)} by ${report.firmware.toUpperCase()}`);
    const rows = rowsOf(report).map(([what, text]) => `  ${cell(what, 23)}  ${printable(text)}\n`);
    return `${title}\n${rows.join('')}`;
  });
  return `${sections.join('\n')}\n${paint('dim', `consoles: ${folder}`)}\n`;
};
