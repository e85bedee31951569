/** PCI network functions that no kernel network driver holds: vfio-pci, uio, unbound. */
export type DriverBinding = {address: string; vendor: string; device: string; driver?: string; numaNode: number};
