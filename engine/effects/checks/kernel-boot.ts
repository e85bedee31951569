import {readFile} from 'node:fs/promises';
import path from 'node:path';
import * as v from 'valibot';
import {Fault} from '../../model/fault.ts';
import {printableLine} from '../../model/printable.ts';
import {judgeBoot} from '../../stages/kernel/boot/judge.ts';
import {parseBootReport, type BootReport} from '../../stages/kernel/boot/report.ts';
import type {BootProof} from '../../stages/kernel/kernel.ts';
import type {CheckedOutput} from './check.ts';

const ProofSchema: v.GenericSchema<unknown, BootProof> = v.strictObject({
  firmware: v.array(v.picklist(['bios', 'uefi'])),
  nics: v.array(v.string()),
  disks: v.array(v.picklist(['vda', 'nvme'])),
  realtime: v.boolean(),
  btf: v.boolean(),
});

/** The drivers of NIC models as QEMU names them. */
const DRIVERS: Readonly<Record<string, string>> = {'virtio-net': 'virtio_net'};

const lineOf = async (folder: string, name: string): Promise<string> =>
  (await readFile(path.join(folder, name), 'utf8')).trim();

/** What the kernel of a boot stage's output said of itself, for each firmware that it was booted by. */
export const bootReports = async (out: string, proof: BootProof): Promise<readonly BootReport[]> =>
  Promise.all(proof.firmware.map(async (firmware) => parseBootReport(await lineOf(out, `said-${firmware}`))));

/** Whether a kernel that was booted has shown what its folder promises of it. */
export const check = async ({stage, out, options}: CheckedOutput): Promise<readonly Fault[]> => {
  const proof = v.parse(ProofSchema, options);
  const absent = (await lineOf(out, 'absent')).split('\n').map((model) => DRIVERS[model] ?? model);
  const expected = {...proof, release: await lineOf(out, 'release'), configDigest: await lineOf(out, 'config-digest')};
  return (await bootReports(out, proof)).flatMap((report, place) =>
    judgeBoot(report, expected, absent).map(
      (why) =>
        new Fault({
          code: 'kernel-boot',
          message: `${stage}: the kernel booted by ${proof.firmware[place] ?? ''}: ${printableLine(why)}`,
          owner: 'user',
          hint: 'its console is in the log of the stage',
        }),
    ),
  );
};
