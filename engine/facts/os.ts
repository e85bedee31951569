import type {Known} from '../model/known.ts';

/** Who this host is and what runs on it. */
export type Os = {
  hostname: string;
  /** `debian`, `ubuntu`, `rhel`, `amzn` … of os-release. */
  id: string;
  idLike: readonly string[];
  versionId: string;
  prettyName: string;
  /** `6.1.0-30-amd64`. */
  kernel: string;
  architecture: string;
  init: 'systemd' | 'other';
  /** The user that the probe ran as. */
  user: {uid: number; name: string};
  /** Identity for stale-plan checks: /etc/machine-id. */
  machineId: Known<string>;
  bootId: Known<string>;
  uptimeSeconds: number;
  /** SSH_CONNECTION as read before sudo: `client port server port`; absent for a local run. */
  sshConnection?: {clientAddress: string; serverAddress: string};
};

/** The platform below the kernel. */
export type Platform = {
  /** `kvm`, `vmware`, `hyperv`, `xen`, `amazon`, `none`, …: systemd-detect-virt's words where they exist. */
  virtualisation: string;
  /** Set when this is a container, whose net.* is not the host's. */
  container?: string;
  cloud?: 'ec2' | 'azure' | 'gcp' | 'openstack' | 'other';
  /** EC2 instance type, from DMI's product_name. */
  instanceType?: string;
  vendor?: string;
  product?: string;
  secureBoot: Known<boolean>;
  lockdown: Known<'none' | 'integrity' | 'confidentiality'>;
  selinux: 'enforcing' | 'permissive' | 'disabled';
  rootReadOnly: boolean;
  /** `ostree`, `transactional`, … when the root is managed as an image. */
  immutable?: string;
};
