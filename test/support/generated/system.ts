import type {HostSpec} from './spec.ts';
import {sysctlDefaults} from './sysctls.ts';
import {type Tree, addFiles, addLink, addRun} from './tree.ts';

const RELEASES: Readonly<Record<HostSpec['system'], string>> = {
  'debian-12': 'ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"',
  'rhel-7': 'ID="rhel"\nID_LIKE="fedora"\nVERSION_ID="7.9"\nPRETTY_NAME="Red Hat Enterprise Linux Server 7.9 (Maipo)"',
  'rhel-9': 'ID="rhel"\nID_LIKE="fedora"\nVERSION_ID="9.4"\nPRETTY_NAME="Red Hat Enterprise Linux 9.4 (Plow)"',
  'ubuntu-24.04': 'ID=ubuntu\nID_LIKE=debian\nVERSION_ID="24.04"\nPRETTY_NAME="Ubuntu 24.04.1 LTS"',
  'amazon-2023': 'ID="amzn"\nID_LIKE="fedora"\nVERSION_ID="2023"\nPRETTY_NAME="Amazon Linux 2023"',
};

const addBoot = (tree: Tree, host: HostSpec): void => {
  addFiles(tree, '/proc', {cmdline: `BOOT_IMAGE=/vmlinuz-${host.kernel} ${host.commandLine}`});
  if (host.container !== undefined) return;
  if (host.system === 'debian-12' || host.system === 'ubuntu-24.04') {
    addFiles(tree, '/boot/grub', {
      'grub.cfg': `set default="0"\nmenuentry 'GNU/Linux' {\n\tlinux\t/vmlinuz-${host.kernel} ${host.commandLine}\n}`,
    });
    addFiles(tree, '/etc/default', {grub: 'GRUB_DEFAULT=0\nGRUB_CMDLINE_LINUX_DEFAULT="quiet"\nGRUB_CMDLINE_LINUX=""'});
  } else if (host.system === 'rhel-7') {
    addFiles(tree, '/boot/grub2', {
      'grub.cfg': `set default="\${saved_entry}"\nmenuentry 'RHEL' {\n\tlinux16 /vmlinuz-${host.kernel} ${host.commandLine}\n}`,
    });
  } else {
    addFiles(tree, '/boot/loader/entries', {
      [`0-${host.kernel}.conf`]: `title Linux\nversion ${host.kernel}\nlinux /vmlinuz-${host.kernel}\noptions ${host.commandLine}`,
    });
    addFiles(tree, '/boot/grub2', {
      'grub.cfg': 'blscfg',
      grubenv: `# GRUB Environment Block\nsaved_entry=0-${host.kernel}`,
    });
  }
};

const addServices = (tree: Tree, host: HostSpec): void => {
  addFiles(tree, '/run/systemd/system', {'.keep': ''});
  addFiles(tree, '/usr/lib/systemd', {systemd: ''});
  for (const name of host.services) {
    const unit = `/usr/lib/systemd/system/${name}.service`;
    addFiles(tree, '/usr/lib/systemd/system', {[`${name}.service`]: '[Service]'});
    addLink(tree, `/etc/systemd/system/multi-user.target.wants/${name}.service`, unit);
    tree.links.set(`/run/systemd/units/invocation:${name}.service`, '0123456789abcdef0123456789abcdef');
  }
  addFiles(tree, '/run/systemd/units', {'.keep': ''});
};

const addSysctls = (tree: Tree, host: HostSpec): void => {
  for (const [key, value] of Object.entries({...sysctlDefaults(host), ...host.sysctls})) {
    tree.files.set(`/proc/sys/${key}`, `${value}\n`);
  }
};

const addCounters = (tree: Tree, cpus: number): void => {
  const row = `0003d090${' 00000000'.repeat(12)}`;
  addFiles(tree, '/proc/net', {
    softnet_stat: Array.from({length: cpus}, () => row).join('\n'),
    netstat: 'TcpExt: SyncookiesSent ListenOverflows ListenDrops\nTcpExt: 0 0 0',
    snmp: 'Tcp: RtoAlgorithm ActiveOpens RetransSegs\nTcp: 1 1000 20',
  });
};

const addPlatform = (tree: Tree, host: HostSpec): void => {
  const contained = host.container !== undefined;
  addRun(tree, 'virtual-machine', host.virtualisation, host.virtualisation === 'none' ? 1 : 0);
  if (contained) addRun(tree, 'container', host.container ?? '');
  else addRun(tree, 'machine-namespace', 'yes');
  if (host.system !== 'rhel-7')
    addFiles(tree, '/sys/kernel/security', {
      lockdown: '[none] integrity confidentiality',
      lsm: 'lockdown,capability,yama',
    });
  if (host.machine) addFiles(tree, '/sys/class/dmi/id', {sys_vendor: host.machine[0], product_name: host.machine[1]});
  const root = contained ? 'overlay / overlay rw,relatime 0 0' : '/dev/sda1 / ext4 rw,relatime 0 0';
  addFiles(tree, '/proc', {
    mounts: [root, 'proc /proc proc rw 0 0', 'sysfs /sys sysfs rw 0 0', 'none /sys/fs/bpf bpf rw 0 0'].join('\n'),
    uptime: '86400.00 160000.00',
    modules: host.modules.map((name) => `${name} 16384 0 - Live 0x0000000000000000`).join('\n'),
  });
  addFiles(tree, '/proc/self', {
    limits:
      'Limit                     Soft Limit           Hard Limit           Units     \nMax open files            1024                 524288               files     \nMax locked memory         8388608              8388608              bytes     ',
  });
  if (!contained) addRun(tree, 'root mount', '26 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw');
};

const addClock = (tree: Tree, host: HostSpec): void => {
  const source = host.virtualisation === 'kvm' ? 'kvm-clock' : 'tsc';
  addFiles(tree, '/sys/devices/system/clocksource/clocksource0', {
    current_clocksource: source,
    available_clocksource: `${source} hpet acpi_pm`,
  });
  addFiles(tree, '/sys/kernel/mm/transparent_hugepage', {
    enabled: '[always] madvise never',
    defrag: 'always defer defer+madvise [madvise] never',
  });
  if (host.virtualisation !== 'none') return;
  addFiles(tree, '/sys/devices/system/cpu/cpuidle', {current_driver: 'intel_idle'});
  for (const [index, [name, latency]] of [
    ['POLL', 0],
    ['C1', 2],
    ['C1E', 10],
    ['C6', 133],
  ].entries()) {
    addFiles(tree, `/sys/devices/system/cpu/cpu0/cpuidle/state${String(index)}`, {name, latency, disable: 0});
  }
};

/** Everything that is neither CPU nor network: release, boot, services, sysctls, counters, platform. */
export const addSystem = (tree: Tree, host: HostSpec, cpus: number): void => {
  addFiles(tree, '/etc', {
    'os-release': RELEASES[host.system],
    'machine-id': '00000000000000000000000000000001',
    hostname: 'host',
  });
  addFiles(tree, '/proc/sys/kernel', {hostname: 'host', osrelease: host.kernel});
  addFiles(tree, '/proc/sys/kernel/random', {boot_id: '00000000-0000-4000-8000-000000000000'});
  addPlatform(tree, host);
  addClock(tree, host);
  addBoot(tree, host);
  addServices(tree, host);
  addSysctls(tree, host);
  addCounters(tree, cpus);
  const [uid, name] = host.user;
  addRun(tree, 'user', `uid=${String(uid)}(${name}) gid=${String(uid)}(${name}) groups=${String(uid)}(${name})`);
  addRun(tree, 'ssh-connection', host.ssh ? `${host.ssh[0]} 50522 ${host.ssh[1]} 22` : '');
  addFiles(tree, '/usr/lib/systemd/network', {
    '99-default.link':
      '[Match]\nOriginalName=*\n\n[Link]\nNamePolicy=keep kernel database onboard slot path\nMACAddressPolicy=persistent',
  });
  if (host.modules.includes('nf_conntrack')) addFiles(tree, '/sys/module/nf_conntrack/parameters', {hashsize: 65_536});
  for (const [path, text] of Object.entries(host.files)) tree.files.set(path, text);
};
