import {type Known, isUnknown} from '../model/known.ts';
import type {Fact} from './fact.ts';
import {type Frames, fileOf, textOf} from './frames.ts';
import {shellAssignments} from './os.ts';
import {rootMount} from './mounts.ts';
import {present} from './present.ts';

/** The platform below the kernel. */
export type Platform = {
  /** `kvm`, `vmware`, `microsoft`, `xen`, `amazon`, `none`, …: systemd-detect-virt's words. */
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

const DMI = '/sys/class/dmi/id';
const SECURE_BOOT = '/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c';
const LOCKDOWN = '/sys/kernel/security/lockdown';

// PROC_PID_INIT_INO of include/uapi/linux/nsfs.h: the machine's own PID namespace. Virtual machines unpacked from
// container images keep a /.dockerenv, which alone makes systemd-detect-virt answer `docker`.
const MACHINE_PID_NAMESPACE = 'pid:[4026531836]';

const MARKS = [
  SECURE_BOOT,
  '/sys/kernel/security/lsm',
  '/run/ostree-booted',
  '/ostree/repo',
  '/usr/sbin/transactional-update',
  '/.dockerenv',
  '/run/.containerenv',
  '/run/systemd/container',
];

const SCRIPT = `g ${DMI} sys_vendor product_name board_vendor bios_vendor bios_version chassis_asset_tag
f ${LOCKDOWN} /sys/fs/selinux/enforce /sys/hypervisor/type
e platform ${MARKS.join(' ')}
x virtual-machine systemd-detect-virt --vm
has readlink && case $(readlink /proc/self/ns/pid 2>/dev/null) in
  "${MACHINE_PID_NAMESPACE}") say machine-namespace yes ;;
  *) x container systemd-detect-virt --container ;;
esac
[ ! -e "$R${SECURE_BOOT}" ] || x secure-boot od -An -tu1 ${SECURE_BOOT}`;

const dmi = (frames: Frames, name: string): string => textOf(frames, `${DMI}/${name}`) ?? '';

// systemd's table in src/basic/virt.c; cloud vendors that are themselves the hypervisor have their own word there.
const HYPERVISORS: readonly (readonly [RegExp, string])[] = [
  [/^Amazon EC2/, 'amazon'],
  [/^Google Compute Engine/, 'google'],
  [/^KVM|^OpenStack|^KubeVirt/, 'kvm'],
  [/^QEMU/, 'qemu'],
  [/^VMware|^VMW/, 'vmware'],
  [/^innotek GmbH|^VirtualBox|^Oracle Corporation/, 'oracle'],
  [/^Xen/, 'xen'],
  [/^Bochs/, 'bochs'],
  [/^Parallels/, 'parallels'],
  [/^BHYVE/, 'bhyve'],
  [/^Hyper-V/, 'microsoft'],
  [/^Apple Virtualization/, 'apple'],
];

const DMI_FIELDS = ['product_name', 'sys_vendor', 'board_vendor', 'bios_vendor'];

const virtualisationOf = (frames: Frames): string => {
  const answer = frames.runs.get('virtual-machine');
  if (answer && answer.status !== 127) return answer.output.trim().split('\n').at(-1) ?? 'none';
  const names = DMI_FIELDS.map((name) => dmi(frames, name));
  const found = HYPERVISORS.find(([pattern]) => names.some((name) => pattern.test(name)));
  return found?.[1] ?? textOf(frames, '/sys/hypervisor/type') ?? 'none';
};

const containerOf = (frames: Frames): string | undefined => {
  if (frames.runs.has('machine-namespace') || !frames.files.has('/proc/uptime')) return undefined;
  const answer = frames.runs.get('container');
  if (answer && answer.status !== 127) return answer.status === 0 ? answer.output.trim() : undefined;
  const marks = frames.lists.get('platform') ?? [];
  if (marks.includes('/run/.containerenv')) return 'podman';
  if (marks.includes('/.dockerenv')) return 'docker';
  return marks.includes('/run/systemd/container') ? 'container-other' : undefined;
};

// Azure's asset tag is the same on every virtual machine of theirs (Microsoft's own check in azure-linux-extensions).
const AZURE_TAG = '7783-7084-3265-9085-8269-3286-77';
const OTHER_CLOUDS =
  /^(?:Alibaba Cloud|DigitalOcean|Hetzner|Scaleway|Vultr|Linode|Akamai|UpCloud|Exoscale|Tencent|OVH)/i;

const cloudOf = (frames: Frames): Platform['cloud'] => {
  const vendor = dmi(frames, 'sys_vendor');
  const tag = dmi(frames, 'chassis_asset_tag');
  if (vendor === 'Amazon EC2' || dmi(frames, 'bios_version').endsWith('amazon')) return 'ec2';
  if (tag === AZURE_TAG) return 'azure';
  if (vendor === 'Google' || dmi(frames, 'product_name') === 'Google Compute Engine') return 'gcp';
  if (vendor === 'OpenStack Foundation' || dmi(frames, 'product_name').startsWith('OpenStack ')) return 'openstack';
  return OTHER_CLOUDS.test(vendor) || /cloud/i.test(tag) ? 'other' : undefined;
};

const secureBootOf = (frames: Frames): Known<boolean> => {
  const there = frames.lists.get('platform') ?? [];
  if (!frames.files.has('/proc/uptime')) return {unknown: 'not a running system'};
  // Machines started by a BIOS have no such thing, and neither has UEFI firmware without the variable.
  if (!there.includes(SECURE_BOOT)) return false;
  // Four bytes of attributes, then the value (efivarfs.rst).
  const bytes = (frames.runs.get('secure-boot')?.output ?? '').trim().split(/\s+/);
  return bytes.length === 5 ? bytes[4] === '1' : {unknown: 'the firmware variable SecureBoot could not be read'};
};

const lockdownOf = (frames: Frames): Platform['lockdown'] => {
  const text = fileOf(frames, LOCKDOWN);
  if (isUnknown(text)) {
    // With securityfs mounted, a missing file means a kernel without lockdown.
    const mounted = frames.lists.get('platform')?.includes('/sys/kernel/security/lsm') === true;
    return mounted ? 'none' : {unknown: `${LOCKDOWN}: ${text.unknown}`};
  }
  const chosen = /\[(\w+)\]/.exec(text)?.[1];
  return chosen === 'integrity' || chosen === 'confidentiality' ? chosen : 'none';
};

const selinuxOf = (frames: Frames): Platform['selinux'] => {
  const enforce = textOf(frames, '/sys/fs/selinux/enforce');
  return enforce === undefined ? 'disabled' : enforce === '1' ? 'enforcing' : 'permissive';
};

const IMAGE_SYSTEMS = new Set(['nixos', 'flatcar', 'bottlerocket', 'talos', 'ubuntu-core', 'cos']);

const immutableOf = (frames: Frames, rootReadOnly: boolean): string | undefined => {
  const there = frames.lists.get('platform') ?? [];
  if (there.includes('/run/ostree-booted') || there.includes('/ostree/repo')) return 'ostree';
  if (rootReadOnly && there.includes('/usr/sbin/transactional-update')) return 'transactional';
  const id = shellAssignments(frames.files.get('/etc/os-release') ?? '')['ID'] ?? '';
  return IMAGE_SYSTEMS.has(id) ? id : undefined;
};

const machineOf = (frames: Frames): Pick<Platform, 'cloud' | 'instanceType' | 'vendor' | 'product'> => {
  const vendor = dmi(frames, 'sys_vendor') || undefined;
  const product = dmi(frames, 'product_name') || undefined;
  const instanceType = vendor === 'Amazon EC2' ? product : undefined;
  return present({cloud: cloudOf(frames), instanceType, vendor, product});
};

const parse = (frames: Frames): Platform => {
  const rootReadOnly = rootMount(frames)?.options.split(',').includes('ro') ?? false;
  return present({
    virtualisation: virtualisationOf(frames),
    container: containerOf(frames),
    ...machineOf(frames),
    secureBoot: secureBootOf(frames),
    lockdown: lockdownOf(frames),
    selinux: selinuxOf(frames),
    rootReadOnly,
    immutable: immutableOf(frames, rootReadOnly),
  });
};

export const platform: Fact<Platform> = {name: 'platform', script: () => SCRIPT, parse};
