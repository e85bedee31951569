import type {NicFamily} from './family.ts';

/** Solarflare, Netronome, Realtek. */
export const OTHER: readonly NicFamily[] = [
  {
    id: 'amd-solarflare',
    family: 'AMD Solarflare 9000 and X2',
    vendor: '1924',
    driver: 'sfc',
    pmd: 'net_sfc_efx',
    binding: 'vfio-pci',
    devices: {'0903': 'SFC9120 10G', '0923': 'SFC9140 40G', '0a03': 'SFC9220 40G', '0b03': 'SFC9250 100G'},
    source: 'kernel drivers/net/ethernet/sfc',
  },
  {
    id: 'amd-solarflare-vf',
    family: 'AMD Solarflare 9000 and X2 virtual function',
    vendor: '1924',
    driver: 'sfc',
    pmd: 'net_sfc_efx',
    binding: 'vfio-pci',
    virtualFunction: true,
    devices: {'1903': 'SFC9120 VF', '1923': 'SFC9140 VF', '1a03': 'SFC9220 VF', '1b03': 'SFC9250 VF'},
    source: 'kernel drivers/net/ethernet/sfc',
  },
  {
    id: 'netronome-agilio',
    family: 'Netronome Agilio',
    vendor: '19ee',
    driver: 'nfp',
    pmd: 'net_nfp',
    binding: 'vfio-pci',
    devices: {'4000': 'NFP4000', '6000': 'NFP6000'},
    source: 'kernel drivers/net/ethernet/netronome/nfp/nfp_main.c',
  },
  {
    id: 'realtek-8169',
    family: 'Realtek 8169 family',
    vendor: '10ec',
    driver: 'r8169',
    binding: 'none',
    most: {queues: 1},
    devices: {
      '8125': 'RTL8125 2.5G',
      '8161': 'RTL8111/8168 1G',
      '8167': 'RTL-8110SC/8169SC 1G',
      '8168': 'RTL8111/8168 1G',
      '8169': 'RTL8169 1G',
    },
    source: 'kernel drivers/net/ethernet/realtek/r8169_main.c',
  },
];
