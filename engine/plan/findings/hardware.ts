import type {Nic, PciFunction} from '../../facts/nic.ts';
import type {Finding} from '../../model/setting.ts';
import type {Findable} from './findable.ts';

const gigatransfers = (speed: string | undefined): number => Number.parseFloat(speed ?? '');
const lanes = (width: string | undefined): number => Number.parseInt((width ?? '').replace(/^x/, ''), 10);

/** Functions that have no link of their own answer Unknown, 0 or 255. */
const narrowed = ({linkSpeed, maxLinkSpeed, linkWidth, maxLinkWidth}: PciFunction): boolean =>
  gigatransfers(linkSpeed) < gigatransfers(maxLinkSpeed) ||
  (lanes(linkWidth) > 0 && lanes(maxLinkWidth) < 255 && lanes(linkWidth) < lanes(maxLinkWidth));

const slowLink = (nic: Nic): readonly Finding[] => {
  const {pci} = nic;
  if (!pci || nic.kind !== 'physical' || !narrowed(pci)) return [];
  const now = `${pci.linkSpeed ?? '?'} x${String(lanes(pci.linkWidth))}`;
  const most = `${pci.maxLinkSpeed ?? '?'} x${String(lanes(pci.maxLinkWidth))}`;
  return [
    {
      code: 'pcie-link',
      grade: 'harmful',
      about: `nic ${nic.name}`,
      message: `the PCIe link of ${nic.name} runs at ${now}, and the card can do ${most}`,
      hint: 'try another slot, reseat the card, or look at the firmware’s link settings',
    },
  ];
};

/** Functions that vfio hands out only together (one IOMMU group) with others. */
const groupSiblings = ({facts, workload, nics}: Findable): readonly Finding[] => {
  if (workload !== 'kernel-bypass') return [];
  return nics.flatMap((nic) => {
    const group = nic.pci?.iommuGroup;
    const others = facts.nics.filter(
      (other) => other !== nic && group !== undefined && other.pci?.iommuGroup === group,
    );
    if (others.length === 0) return [];
    const names = others
      .map(({name}) => name)
      .sort()
      .join(', ');
    return [
      {
        code: 'iommu-group',
        grade: 'conflict' as const,
        about: `nic ${nic.name}`,
        message: `${nic.name} shares IOMMU group ${group ?? ''} with ${names}: vfio takes all of them or none`,
        hint: 'use a slot whose root port has ACS',
        source: 'kernel Documentation/driver-api/vfio.rst',
      },
    ];
  });
};

/** What of the hardware holds this host back. */
export const hardwareFindings = (found: Findable): readonly Finding[] => [
  ...found.nics.flatMap(slowLink),
  ...groupSiblings(found),
];
