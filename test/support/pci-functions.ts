import type {Facts} from '../../engine/facts/facts.ts';

/** What a probe says of a PCI function, as the kernel would show it. */
export type PciFunctionShape = {
  ids?: string;
  class?: string;
  driver?: string;
  override?: string;
  group?: string;
  groupName?: string;
  groupType?: string;
  members?: readonly {address: string; class?: string; driver?: string}[];
  virtualFunction?: boolean;
  pin?: number;
  wanted?: string;
  available?: boolean;
  noIommu?: 'Y' | 'N';
  user?: number;
  driverctl?: string;
};

const line = (key: string, value: string | number | undefined): readonly string[] =>
  value === undefined ? [] : [`${key} ${String(value)}`];

/** The text of one function's answer. */
export const functionText = (shape: PciFunctionShape): string => {
  const [vendor = '', device = ''] = (shape.ids ?? '8086:1592').split(':');
  return [
    `vendor 0x${vendor}`,
    `device 0x${device}`,
    `class ${shape.class ?? '0x020000'}`,
    `override ${shape.override ?? '(null)'}`,
    ...line('driver', shape.driver),
    ...line('group', shape.group),
    ...line('group-name', shape.groupName),
    ...line('group-type', shape.groupType),
    ...(shape.members ?? []).flatMap((member) => [
      `member ${member.address} class ${member.class ?? '0x020000'}`,
      ...line('holder', member.driver),
    ]),
    ...(shape.virtualFunction ? ['virtual-function'] : []),
    ...line('pin', shape.pin),
    `wanted ${shape.wanted ?? ''}`,
    ...(shape.available === false ? [] : ['available']),
    ...line('no-iommu', shape.noIommu),
    ...line('user', shape.user),
    ...line('driverctl', shape.driverctl),
  ].join('\n');
};

/** The facts with these functions read, by their addresses. */
export const withFunctions = (facts: Facts, functions: Readonly<Record<string, PciFunctionShape>>): Facts => ({
  ...facts,
  asked: {
    ...facts.asked,
    ...Object.fromEntries(
      Object.entries(functions).map(([address, shape]) => [`driver ${address}`, functionText(shape)]),
    ),
  },
});
