import type {Fact} from './fact.ts';
import {present} from './present.ts';

/** Whether devices reach memory through an IOMMU. */
export type Iommu = {
  /** One is at work. */
  on: boolean;
  /** The firmware's table that tells of one, at work or not; absent where the machine has none. */
  table?: IommuTable;
};

export type IommuTable = (typeof TABLES)[number];

// DMAR is Intel's, IVRS AMD's, IORT Arm's, VIOT a virtual one's (ACPI's list of signatures).
const TABLES = ['DMAR', 'IVRS', 'IORT', 'VIOT'] as const;

const LIST = 'iommu';

const PATTERNS = ['/sys/class/iommu/*', ...TABLES.map((table) => `/sys/firmware/acpi/tables/${table}`)];

/** The IOMMU, by what the kernel has set up and by what the firmware tells; no file is read. */
export const iommu: Fact<Iommu> = {
  name: 'iommu',
  script: () => `e ${LIST} ${PATTERNS.map((pattern) => `'${pattern}'`).join(' ')}`,
  parse: (frames) => {
    const paths = frames.lists.get(LIST) ?? [];
    return present({
      on: paths.some((path) => path.startsWith('/sys/class/iommu/')),
      table: TABLES.find((table) => paths.includes(`/sys/firmware/acpi/tables/${table}`)),
    });
  },
};
