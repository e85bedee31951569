export type ServiceState = {
  name: string;
  active: boolean;
  /** Started at boot. */
  enabled?: boolean;
};

/** Programs and files that also write what linerate plans. */
export type Services = {
  /** irqbalance, tuned, NetworkManager, systemd-networkd, networking, cloud-init, ufw, firewalld, docker, libvirtd, kubelet … */
  services: readonly ServiceState[];
  irqbalance?: {bannedCpus?: string; arguments?: string; at?: string};
  tunedProfile?: string;
  /** systemd .link files, netplan, ifupdown hooks, rc.local, NetworkManager profiles, CNI: path and what it sets. */
  files: readonly {
    path: string;
    kind: 'link' | 'netplan' | 'ifupdown' | 'rc.local' | 'networkmanager' | 'udev' | 'vendor' | 'cni';
    text: string;
  }[];
};

export type Limits = {
  /** limits.conf and limits.d lines, systemd's DefaultLimit*: path:line and text. */
  configured: readonly {at: string; domain: string; item: string; kind: 'soft' | 'hard' | '-'; value: string}[];
  /** Of the probe's own shell. */
  nofileSoft?: number;
  nofileHard?: number;
  memlockKb?: number | 'unlimited';
};

export type Mount = {device: string; path: string; type: string; options: string};
