import type {Facts} from '../../../facts/facts.ts';
import type {Nic} from '../../../facts/nic.ts';
import {Fault} from '../../../model/fault.ts';
import {printableLine} from '../../../model/printable.ts';
import {isDevice} from '../../plan-nics.ts';
import type {Wish} from '../recipe.ts';
import {detailsOf, type WishDetails} from './details.ts';

/** A NIC's PCI function, whoever holds it now. */
export type NicFunction = {
  /** `0000:3b:00.0`. */
  address: string;
  /** What the kernel calls its interface, or called it before linerate gave it away; absent where nobody knows. */
  name?: string;
  /** `8086:1592`. */
  ids: string;
  /** -1 where the platform does not tell. */
  numaNode: number;
  /** The driver that holds it; absent where none does. */
  driver?: string;
};

const ADDRESS = /^(?:[\da-f]{4,8}:)?[\da-f]{2}:[\da-f]{2}\.[0-7]$/i;

const fromNic = ({name, driver, pci}: Nic): readonly NicFunction[] =>
  pci === undefined
    ? []
    : [{address: pci.address, name, ids: `${pci.vendor}:${pci.device}`, numaNode: pci.numaNode, driver}];

/** The NICs that are PCI functions: those that the kernel's drivers hold, and those that others do. */
export const nicFunctions = (facts: Facts): readonly NicFunction[] => [
  ...facts.nics.filter(isDevice).flatMap(fromNic),
  ...facts.bindings.map(({address, vendor, device, numaNode, driver, interface: own}) => ({
    address,
    ids: `${vendor}:${device}`,
    numaNode,
    ...(own === undefined ? {} : {name: own.name}),
    ...(driver === undefined ? {} : {driver}),
  })),
];

const unknown = (facts: Facts, name: string): Fault => {
  const there = nicFunctions(facts).map((one) =>
    one.name === undefined ? one.address : `${one.name} (${one.address})`,
  );
  return new Fault({
    code: 'no-such-nic',
    owner: 'user',
    message: `this host has no NIC "${printableLine(name, 100)}" that is a PCI function`,
    hint: there.length === 0 ? 'it has none at all' : `there are ${printableLine(there.join(', '), 500)}`,
  });
};

/**
 * The PCI functions of NICs that are named by interface (`ens1f0`) or PCI address (`0000:3b:00.0`, `3b:00.0`). A NIC that
 * linerate has given to vfio-pci or the like is found by the name that it had.
 * @throws Fault `no-such-nic` where the host has none of that name
 */
export const functionsOf = (facts: Facts, names: readonly string[]): readonly NicFunction[] => {
  const all = nicFunctions(facts);
  return names.map((name) => {
    const address = ADDRESS.test(name) ? name.toLowerCase().replace(/^(?=..:..\.)/, '0000:') : undefined;
    const found = all.find((one) => one.name === name || one.address === address);
    if (!found) throw unknown(facts, name);
    return found;
  });
};

/**
 * A PCI function's driver, now and at each boot: `vfio-pci`; `vfio-pci-noiommu`, where there is no IOMMU: a program that has
 * the function open may then write to all of the memory; `uio_pci_generic`; `kernel` for the kernel's own.
 */
export const bound = (address: string, to: string, details: WishDetails): Wish => ({
  set: `driver ${address}`,
  to,
  ...detailsOf(details),
});
