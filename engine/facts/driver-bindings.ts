import type {Fact} from './fact.ts';
import {type Frames, numberOf, textOf} from './frames.ts';
import {present} from './present.ts';

/** PCI network functions that no kernel network driver holds: vfio-pci, uio, unbound. */
export type DriverBinding = {address: string; vendor: string; device: string; driver?: string; numaNode: number};

const DEVICES = '/sys/bus/pci/devices';

// Read without a fork: a server has hundreds of functions. Class 02 is a network controller (pci_ids.h).
const SCRIPT = String.raw`
for entry in "$R"${DEVICES}/*; do
  [ -r "$entry/class" ] && read -r class <"$entry/class" || continue
  case $class in 0x02*) ;; *) continue ;; esac
  d=${DEVICES}/${'$'}{entry##*/}
  f "$d/class" "$d/vendor" "$d/device" "$d/numa_node"
  l "$d/driver"
done
`;

// Drivers that hold a function for someone else: a program, a guest, nobody.
const HOLDERS = /vfio|^uio_|^igb_uio$|^pci-stub$|^(?:xen-)?pciback$/;

const bindingOf = (frames: Frames, path: string): DriverBinding | undefined => {
  const driver = frames.links.get(`${path}/driver`)?.split('/').at(-1);
  // Not by its net/ directory: that shows the interfaces of the probe's own network namespace only.
  if (driver !== undefined && !HOLDERS.test(driver)) return undefined;
  const id = (file: string): string => (textOf(frames, `${path}/${file}`) ?? '').replace(/^0x/, '');
  return present({
    address: path.slice(DEVICES.length + 1),
    vendor: id('vendor'),
    device: id('device'),
    driver,
    numaNode: numberOf(frames, `${path}/numa_node`) ?? -1,
  });
};

/** PCI network functions held by vfio-pci, uio and the like, or by no driver at all. */
export const bindings: Fact<readonly DriverBinding[]> = {
  name: 'bindings',
  script: () => SCRIPT,
  parse: (frames) =>
    [...frames.files.keys()]
      .filter((path) => path.startsWith(`${DEVICES}/`) && path.endsWith('/class'))
      .flatMap((path) => bindingOf(frames, path.slice(0, -'/class'.length)) ?? []),
};
