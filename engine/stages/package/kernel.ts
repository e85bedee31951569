import type {Kernel} from '../kernel/kernel.ts';
import {VERSION_FILE} from '../kernel/output.ts';
import type {PackageDefinition, PackagedFile, PackageContent, ScriptPoint} from './definition.ts';
import type {Release} from './releases.ts';
import {render} from './templates.ts';

/** As the kernel's own COPYING says. */
export const KERNEL_LICENCE = 'GPL-2.0-only WITH Linux-syscall-note';

/** What all packages of a kernel have in common. */
export type KernelPackage = {kernel: Kernel; release: Release; content: PackageContent};

// What depmod(8) writes on the host.
const DEPMOD_FILES = [
  'alias',
  'alias.bin',
  'builtin.alias.bin',
  'builtin.bin',
  'dep',
  'dep.bin',
  'devname',
  'softdep',
  'symbols',
  'symbols.bin',
];

const common = ({kernel}: KernelPackage) =>
  ({
    source: `linux${kernel.localVersion}`,
    version: {file: `kernel/${VERSION_FILE}`, ending: kernel.localVersion},
    release: 1,
    licence: KERNEL_LICENCE,
    url: 'https://www.kernel.org/',
    section: 'kernel',
  }) satisfies Partial<PackageDefinition>;

const scriptsOf = (
  {release, content}: KernelPackage,
  points: readonly ScriptPoint[],
): Readonly<Partial<Record<ScriptPoint, string>>> =>
  Object.fromEntries(
    points.map((point) => [
      point,
      render(content, `${release.family}/kernel.${point}`, {modules: release.modules, names: DEPMOD_FILES.join(' ')}),
    ]),
  );

const copyright = ({release, content}: KernelPackage, name: string): readonly PackagedFile[] =>
  release.family === 'rpm'
    ? []
    : [{path: `/usr/share/doc/${name}/copyright`, text: render(content, 'deb/kernel.copyright', {}), kind: 'doc'}];

const described = (kernel: Kernel, what: string): readonly string[] => [
  `${what} ${kernel.summary.replace(/\.?$/, '.')}`,
  'Its release, as uname -r tells it, is @uname@.',
];

/** Where Debian's hooks and GRUB look for a kernel. */
const imageInBoot = (one: KernelPackage): readonly PackagedFile[] => [
  {path: '/boot/vmlinuz-@uname@', from: 'kernel/boot/vmlinuz-@uname@', mode: 0o644},
  {path: '/boot/System.map-@uname@', from: 'kernel/boot/System.map-@uname@', mode: 0o600},
  {path: '/boot/config-@uname@', from: 'kernel/boot/config-@uname@'},
  {path: `${one.release.modules}/@uname@`, from: 'kernel/lib/modules/@uname@'},
];

/** Where kernel-install(8) takes a kernel from; what it makes of that belongs to the package. */
const imageBesideModules = ({release: {modules}}: KernelPackage): readonly PackagedFile[] => [
  {path: `${modules}/@uname@`, from: 'kernel/lib/modules/@uname@'},
  {path: `${modules}/@uname@/vmlinuz`, from: 'kernel/boot/vmlinuz-@uname@'},
  {path: `${modules}/@uname@/System.map`, from: 'kernel/boot/System.map-@uname@', mode: 0o600},
  {path: `${modules}/@uname@/config`, from: 'kernel/boot/config-@uname@'},
  ...DEPMOD_FILES.map((name) => ({path: `${modules}/@uname@/modules.${name}`, ghost: true}) as const),
  ...['vmlinuz-@uname@', 'System.map-@uname@', 'initramfs-@uname@.img'].map(
    (name) => ({path: `/boot/${name}`, ghost: true, mode: 0o600}) as const,
  ),
  {path: '/boot/config-@uname@', ghost: true},
];

/** The kernel with its modules: `linux-image-V`, or `kernel-lab`, of which several versions may be installed. */
export const kernelImage = (one: KernelPackage): PackageDefinition => {
  const {kernel, release} = one;
  const isDeb = release.family === 'deb';
  const name = isDeb ? 'linux-image-@uname@' : `kernel${kernel.localVersion}`;
  return {
    ...common(one),
    name,
    architecture: kernel.architecture,
    summary: `Linux kernel @uname@ with its modules`,
    description: described(kernel, 'A Linux kernel built by linerate:'),
    files: [...(isDeb ? imageInBoot(one) : imageBesideModules(one)), ...copyright(one, name)],
    depends: ['modules', 'initramfs', 'boot entries'],
    provides: isDeb ? [] : ['kernel-uname-r = @provided@', 'installonlypkg(kernel)'],
    scripts: scriptsOf(one, isDeb ? ['preinst', 'postinst', 'prerm', 'postrm'] : ['postinst', 'posttrans', 'prerm']),
  };
};

// Of no use outside of the kernel's own repository, what its build made on its way, and links to what is no part of the headers.
const LEFT_OUT = ['.gitignore', '*.s', 'include-prefixes'];

// A link inside /usr is relative (Debian's policy, 10.5); /lib is itself a link, above which a relative one loses its way.
const buildLink = ({modules}: Release, folder: string): string =>
  modules.startsWith('/usr/') ? folder.replace('/usr/', '../../../') : folder;

/** What modules of others are built with: `linux-headers-V`, `kernel-lab-devel`. */
export const kernelHeaders = (one: KernelPackage): PackageDefinition => {
  const {kernel, release} = one;
  const isDeb = release.family === 'deb';
  const name = isDeb ? 'linux-headers-@uname@' : `kernel${kernel.localVersion}-devel`;
  const folder = isDeb ? `/usr/src/${name}` : '/usr/src/kernels/@uname@';
  return {
    ...common(one),
    name,
    architecture: kernel.architecture,
    summary: `files that modules for Linux @uname@ are built with`,
    description: described(kernel, 'What DKMS and others build modules with, for a Linux kernel built by linerate:'),
    files: [
      {path: folder, from: 'kernel/headers', without: LEFT_OUT, stripped: true},
      {path: `${release.modules}/@uname@/build`, link: buildLink(release, folder)},
      ...copyright(one, name),
    ],
    depends: ['libc', 'libelf', 'compiler', 'make'],
    provides: isDeb ? [] : ['kernel-devel-uname-r = @provided@', 'installonlypkg(kernel)'],
    scripts: isDeb ? {postinst: render(one.content, 'deb/headers.postinst', {})} : {},
  };
};

/** DEB's names hold the version, so that a package without it draws in the newest one. */
export const kernelMeta = (one: KernelPackage, of: 'image' | 'headers'): PackageDefinition => {
  const name = `linux-${of}${one.kernel.localVersion}`;
  return {
    ...common(one),
    name,
    section: 'metapackages',
    architecture: one.kernel.architecture,
    summary: `newest Linux ${of} of this kind`,
    description: described(one.kernel, `Depends on the newest ${of} of the kernel built by linerate:`),
    files: copyright(one, name),
    depends: [{package: `linux-${of}-@uname@`, same: true}],
  };
};
