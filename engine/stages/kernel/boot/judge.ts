import type {BootProof} from '../kernel.ts';
import type {BootReport} from './report.ts';

/** What a boot has to show; beside the kernel's own promises, what was compiled. */
export type Expected = BootProof & {
  /** `uname -r` as it was compiled. */
  release: string;
  /** See `BootReport.configDigest`. */
  configDigest: string;
};

const flaws = (report: BootReport, expected: Expected): [boolean, string][] => [
  [report.release !== expected.release, `it says that it is ${report.release}, not ${expected.release}`],
  [
    report.configDigest !== undefined && report.configDigest !== expected.configDigest,
    'its configuration is not the one it was compiled with',
  ],
  [
    expected.realtime && !(report.realtime && report.version.includes('PREEMPT_RT')),
    `it is no real-time kernel: ${report.version}`,
  ],
  [expected.btf && !report.btf, 'it carries no BPF type information (/sys/kernel/btf/vmlinux)'],
];

const ofNics = (report: BootReport, expected: Expected): string[] =>
  expected.nics.flatMap((driver) => {
    const found = report.nics.filter((nic) => nic.driver === driver);
    if (found.length === 0) return [`no NIC got the driver ${driver}`];
    return found.some((nic) => nic.answers) ? [] : [`over its ${driver} NIC nothing answers`];
  });

const ofDisks = (report: BootReport, expected: Expected): string[] =>
  expected.disks.flatMap((name) =>
    report.disks.some((disk) => disk.name === name && disk.readable) ? [] : [`it cannot read ext4 on its disk ${name}`],
  );

/**
 * Why a boot proves nothing or proves a fault, a clause each; none where it is as it should be. A NIC model that QEMU
 * has not (`absent`) is not held against the kernel.
 */
export const judgeBoot = (report: BootReport, expected: Expected, absent: readonly string[] = []): string[] => {
  if (!report.whole) return ['it died before the end of its proof'];
  const possible = {...expected, nics: expected.nics.filter((driver) => !absent.includes(driver))};
  return [
    ...flaws(report, expected).flatMap(([flawed, why]) => (flawed ? [why] : [])),
    ...report.modulesRefused.map((why) => `a module is refused: ${why}`),
    ...ofNics(report, possible),
    ...ofDisks(report, expected),
    ...report.complaints.map((line) => `it complains: ${line}`),
  ];
};
