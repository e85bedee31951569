/** One family of NICs: what a PCI id says about the driver, and about user-space packet processing. */
export type NicFamily = {
  /** `intel-800`. */
  id: string;
  /** As it is sold. */
  family: string;
  /** PCI vendor id, four hex digits. */
  vendor: string;
  /** The kernel's driver, as `/sys/class/net/IF/device/driver` names it. */
  driver: string;
  /** DPDK's poll-mode driver; absent where there is none. */
  pmd?: string;
  /**
   * What a DPDK application binds it to: `vfio-pci`, or `bifurcated` (it stays with the kernel's driver, which shares it:
   * never unbind it), or `none`.
   */
  binding: 'vfio-pci' | 'bifurcated' | 'none';
  virtualFunction?: true;
  /** The most that its hardware can have: receive descriptors for each queue, RSS queues, bytes. */
  most?: {rxRing?: number; queues?: number; mtu?: number};
  /** Model names by PCI device id, four hex digits. */
  devices: Readonly<Record<string, string>>;
  /** Where ids, driver and limits are from; names are after pci.ids. */
  source: string;
};
