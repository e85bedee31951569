import {open, readFile} from 'node:fs/promises';
import path from 'node:path';
import {outcomeOf, outputOf} from '../command.ts';
import {ROOT_UUID} from '../recipe.ts';

const SECTOR = 512;
const SIZE_MIB = 1536;
const MIB = 2048;

/** In sectors: GRUB's own partition, then the root to where the second copy of the partition table begins. */
const LOADER = {start: MIB, size: MIB};
const ROOT = {start: 2 * MIB, size: (SIZE_MIB - 3) * MIB};

const TABLE = [
  'label: gpt',
  `start=${String(LOADER.start)}, size=${String(LOADER.size)}, type=21686148-6449-6E6F-744E-656564454649`,
  `start=${String(ROOT.start)}, size=${String(ROOT.size)}, type=0FC63DAF-8483-4772-8E79-3D69D8477DE4`,
  '',
].join('\n');

/**
 * Writes what grub-install writes to a GPT disk (util/setup.c of GRUB): boot.img into the first sector before its partition
 * table, with the sector to load next and without the jump that floppies need; core.img into the partition of its own,
 * whose first sector says where its other ones lie.
 */
const writeBootLoader = async (disk: string, folder: string): Promise<void> => {
  const boot = await readFile(path.join(folder, 'boot.img'));
  const loader = await readFile(path.join(folder, 'core.img'));
  const sectors = Math.ceil(loader.length / SECTOR);
  const core = Buffer.alloc(sectors * SECTOR, loader);
  core.fill(0, loader.length);
  boot.writeBigUInt64LE(BigInt(LOADER.start), 0x5c);
  boot.fill(0x90, 0x66, 0x68);
  core.writeBigUInt64LE(BigInt(LOADER.start + 1), 0x1f4);
  core.writeUInt16LE(sectors - 1, 0x1fc);
  const file = await open(disk, 'r+');
  try {
    await file.write(boot, 0, 440, 0);
    await file.write(core, 0, core.length, LOADER.start * SECTOR);
  } finally {
    await file.close();
  }
};

/** A GPT disk that BIOS boots by its own GRUB (`boot.img` and `core.img` of `folder`), and whose root is what `root` holds. */
export const writeDisk = async (disk: string, root: string, folder: string): Promise<void> => {
  await outputOf('truncate', '-s', `${String(SIZE_MIB)}M`, disk);
  const {status, stderr} = await outcomeOf(['sfdisk', '--quiet', disk], TABLE);
  if (status !== 0) throw new Error(`sfdisk: ${stderr.trim()}`);
  const place = ['-E', `offset=${String(ROOT.start * SECTOR)}`];
  const size = `${String(ROOT.size / 2)}k`;
  await outputOf('mkfs.ext4', '-q', '-F', '-J', 'size=8', '-U', ROOT_UUID, ...place, '-d', root, disk, size);
  await writeBootLoader(disk, folder);
};
