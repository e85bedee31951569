import {access, constants} from 'node:fs/promises';
import path from 'node:path';
import {Fault} from '../model/fault.ts';
import {printable} from '../model/printable.ts';

/** `build`: what `linerate build` runs on this machine; tests need those too. */
export type ToolUse = 'use' | 'build' | 'test';

/** A system program that linerate or its tests call, or the path of a file that they need, and the Debian package that brings it. */
export type Tool = {command: string; package: string; for: ToolUse; why: string};

/** All of them, in the order in which `doctor` tells them. */
export const TOOLS: readonly Tool[] = [
  {command: 'ssh', package: 'openssh-client', for: 'use', why: 'reaches the hosts of an inventory'},
  {
    command: 'ethtool',
    package: 'ethtool',
    for: 'use',
    why: 'tells the state of NICs; wanted on every host that is read',
  },
  {
    command: 'ip',
    package: 'iproute2',
    for: 'use',
    why: 'tells addresses, routes and qdiscs; wanted on every host that is read',
  },
  {command: 'flock', package: 'util-linux', for: 'build', why: "locks of the builds' store"},
  {command: 'unshare', package: 'util-linux', for: 'build', why: 'stages run in namespaces of their own'},
  {command: 'setpriv', package: 'util-linux', for: 'build', why: 'a stage ends with what started it'},
  {command: 'mount', package: 'mount', for: 'build', why: 'a stage finds its inputs at fixed paths'},
  {command: 'ccache', package: 'ccache', for: 'build', why: 'compiles once what was compiled before'},
  {command: 'distcc', package: 'distcc', for: 'test', why: 'compiles on several machines (build --distcc)'},
  {command: 'make', package: 'make', for: 'build', why: 'kernels'},
  {command: 'gcc', package: 'gcc', for: 'build', why: 'kernels'},
  {
    command: '/usr/include/unistd.h',
    package: 'libc6-dev',
    for: 'build',
    why: "programs that run on the kernels' build machine",
  },
  {command: 'ld', package: 'binutils', for: 'build', why: 'kernels'},
  {command: 'strip', package: 'binutils', for: 'build', why: "the programs among kernels' headers"},
  {command: 'flex', package: 'flex', for: 'build', why: "reads kernels' configuration"},
  {command: 'bison', package: 'bison', for: 'build', why: "reads kernels' configuration"},
  {command: 'bc', package: 'bc', for: 'build', why: "kernels' headers"},
  {command: 'perl', package: 'perl', for: 'build', why: "kernels' build"},
  {command: 'pahole', package: 'dwarves', for: 'build', why: "kernels' BPF type information"},
  {command: '/usr/include/gelf.h', package: 'libelf-dev', for: 'build', why: "kernels' objtool"},
  {command: 'patch', package: 'patch', for: 'build', why: 'series of patches; oracle for the diffs of files'},
  {command: 'dpkg-deb', package: 'dpkg', for: 'build', why: 'unpacks sources, makes DEBs'},
  {command: 'tar', package: 'tar', for: 'build', why: 'unpacks sources'},
  {command: 'xz', package: 'xz-utils', for: 'build', why: 'unpacks sources'},
  {command: 'gzip', package: 'gzip', for: 'build', why: 'unpacks sources, compresses kernels'},
  {command: 'apt-get', package: 'apt', for: 'build', why: "sources out of Debian's archives"},
  {command: 'apt-config', package: 'apt', for: 'build', why: "the archives of this machine's own"},
  {command: 'git', package: 'git', for: 'build', why: 'sources out of repositories'},
  {command: 'gpgv', package: 'gpgv', for: 'build', why: 'signatures of sources'},
  {command: 'rpmbuild', package: 'rpm', for: 'build', why: 'RPMs'},
  {command: 'rpm', package: 'rpm', for: 'build', why: 'reads RPMs'},
  {command: 'cpio', package: 'cpio', for: 'build', why: 'looks into RPMs'},
  {command: 'rpmlint', package: 'rpmlint', for: 'build', why: 'gate of RPMs'},
  {command: 'lintian', package: 'lintian', for: 'build', why: 'gate of DEBs'},
  {command: 'createrepo_c', package: 'createrepo-c', for: 'build', why: 'repositories of RPMs'},
  {command: 'apt-ftparchive', package: 'apt-utils', for: 'build', why: 'repositories of DEBs'},
  {command: 'gpg', package: 'gnupg', for: 'build', why: 'signs repositories and RPMs'},
  {command: 'qemu-system-x86_64', package: 'qemu-system-x86', for: 'build', why: 'boots what was built'},
  {command: '/usr/share/OVMF/OVMF_CODE_4M.fd', package: 'ovmf', for: 'build', why: 'boots it by UEFI'},
  {command: 'busybox', package: 'busybox', for: 'build', why: 'the programs of such a boot'},
  {command: 'mkfs.ext4', package: 'e2fsprogs', for: 'build', why: 'disks'},
  {command: 'depmod', package: 'kmod', for: 'build', why: "modules' needs of each other"},
  {command: 'modprobe', package: 'kmod', for: 'build', why: "modules' needs of each other"},
  {command: 'sudo', package: 'sudo', for: 'test', why: 'tests of become'},
  {command: 'sshd', package: 'openssh-server', for: 'test', why: 'hosts in network namespaces'},
  {command: 'tc', package: 'iproute2', for: 'test', why: 'hosts in network namespaces'},
  {command: 'nft', package: 'nftables', for: 'test', why: 'a rule that cuts such a host off'},
  {command: 'ansible-inventory', package: 'ansible-core', for: 'test', why: 'oracle for inventories'},
  {command: 'lstopo-no-graphics', package: 'hwloc-nox', for: 'test', why: 'oracle for CPU and NUMA topology'},
  {command: 'csh', package: 'csh', for: 'test', why: 'a login shell that is not POSIX'},
  {command: 'lspci', package: 'pciutils', for: 'test', why: 'brings pci.ids, the oracle for NIC identities'},
  {command: 'systemd-analyze', package: 'systemd', for: 'test', why: 'oracle for the order of sysctl.d files'},
  {command: 'udevadm', package: 'udev', for: 'test', why: 'oracle for udev rules'},
  {command: 'python3', package: 'python3', for: 'test', why: 'inventory scripts, and a reader of XML that is not ours'},
  {
    command: '/usr/lib/python3/dist-packages/kconfiglib.py',
    package: 'python3-kconfiglib',
    for: 'test',
    why: "oracle for kernels' configuration",
  },
  {command: 'pgrep', package: 'procps', for: 'test', why: 'tells what a test left running'},
  {command: 'kmod', package: 'kmod', for: 'test', why: 'oracle for modules'},
  {command: 'openssl', package: 'openssl', for: 'test', why: 'a certificate that nobody vouches for'},
  {command: 'strace', package: 'strace', for: 'test', why: 'tells what a command opens'},
  {command: 'shellcheck', package: 'shellcheck', for: 'test', why: 'lint of shell scripts'},
  {command: 'mmdebstrap', package: 'mmdebstrap', for: 'test', why: 'their root file system'},
  {command: 'sfdisk', package: 'fdisk', for: 'test', why: "their disk's partitions"},
  {command: 'dpkg-source', package: 'dpkg-dev', for: 'test', why: "unpacks hwloc's recorded machines"},
  {command: 'dnf', package: 'dnf', for: 'test', why: 'installs them'},
  {command: 'bzip2', package: 'bzip2', for: 'test', why: "unpacks hwloc's recorded machines"},
  {command: 'nginx', package: 'nginx-light', for: 'test', why: 'a server under the listen library'},
  {command: 'lighttpd', package: 'lighttpd', for: 'test', why: 'a server under the listen library'},
  {command: 'haproxy', package: 'haproxy', for: 'test', why: 'a server that the listen library leaves alone'},
  {command: 'valgrind', package: 'valgrind', for: 'test', why: 'memory errors of the listen library'},
];

const FOLDERS = ['/usr/sbin', '/usr/bin', '/sbin', '/bin', '/usr/local/sbin', '/usr/local/bin'];

const isExecutable = async (file: string): Promise<boolean> =>
  access(file, constants.X_OK).then(
    () => true,
    () => false,
  );

const isReadable = async (file: string): Promise<boolean> =>
  access(file, constants.R_OK).then(
    () => true,
    () => false,
  );

/**
 * The absolute path of a command, also in the sbin folders that a user's PATH may lack; or of a file such as a header, given by
 * its path. Undefined when it is missing.
 */
export const findTool = async (command: string): Promise<string | undefined> => {
  const folders = [...(process.env['PATH'] ?? '').split(':'), ...FOLDERS];
  if (path.isAbsolute(command)) return (await isReadable(command)) ? command : undefined;
  for (const folder of folders) {
    const file = path.join(folder, command);
    if (path.isAbsolute(file) && (await isExecutable(file))) return file;
  }
  return undefined;
};

/**
 * Installs Debian packages with apt-get; what it says is shown only when it fails.
 * @throws Fault `not-root`, `no-apt`, `install-failed`
 */
export const installPackages = async (packages: readonly string[]): Promise<void> => {
  const list = packages.join(' ');
  if (process.getuid?.() !== 0)
    throw new Fault({
      code: 'not-root',
      owner: 'user',
      message: `installing ${list} needs root`,
      hint: `sudo apt-get install ${list}`,
    });
  if ((await findTool('apt-get')) === undefined)
    throw new Fault({
      code: 'no-apt',
      owner: 'user',
      message: `there is no apt-get to install ${list} with`,
      hint: "install what brings these commands with your system's own package program",
    });
  // Loaded here only: whoever looks for a tool, which is nearly every command, need not wait for it.
  const {$} = await import('zx');
  const apt = $({quiet: true, env: {...process.env, DEBIAN_FRONTEND: 'noninteractive'}, nothrow: true});
  const update = await apt`apt-get update -qq`;
  const install = await apt`apt-get install -y -qq --no-install-recommends -o Dpkg::Use-Pty=0 ${packages}`;
  if (install.exitCode !== 0)
    throw new Fault({
      code: 'install-failed',
      owner: 'tool',
      message: `apt-get could not install ${list} (exit status ${String(install.exitCode)})${update.exitCode === 0 ? '' : '; its update failed too'}`,
      hint: printable(install.stderr.trim().split('\n').slice(-3).join('; ')),
    });
};
