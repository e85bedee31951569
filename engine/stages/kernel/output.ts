/**
 * What the stage `kernels/NAME compile` makes, and packages and images are made from. V is the kernel's release, as
 * `uname -r` tells it. All paths are below the output's folder.
 *
 * ```
 * version                     V and a line feed
 * boot/vmlinuz-V              bzImage with its EFI stub; boots by BIOS and by UEFI
 * boot/System.map-V
 * boot/config-V               the full configuration
 * lib/modules/V/              modules, stripped of debugging symbols; modules.order, modules.builtin, modules.builtin.modinfo;
 *                             no modules.dep: `depmod` makes it where the package is installed; no links `build` and `source`
 * headers/                    what modules of others are built with (DKMS), to be installed as one folder to which
 *                             /lib/modules/V/build points: Makefile, .config, Module.symvers, Kconfig, include/, arch/x86/,
 *                             scripts/ and tools/objtool/objtool
 * ```
 *
 * No module is signed here: signatures are a stage of their own. Modes are 0644 and 0755, owners the builder's own: a package sets
 * root. Programs below `headers/` run on the machine that builds modules, so they are ELF files for the *builder's* C library and libelf:
 * {@link headerPrograms} lists those folders, and a package for a release with an older one must come from that release's builder.
 */
export type KernelOutput = {
  version: string;
  vmlinuz: string;
  systemMap: string;
  config: string;
  modules: string;
  headers: string;
};

/** The file that holds the kernel's release. */
export const VERSION_FILE = 'version';

/** Where the things of a kernel's release lie in the output. */
export const kernelOutput = (release: string): KernelOutput => ({
  version: VERSION_FILE,
  vmlinuz: `boot/vmlinuz-${release}`,
  systemMap: `boot/System.map-${release}`,
  config: `boot/config-${release}`,
  modules: `lib/modules/${release}`,
  headers: 'headers',
});

/** Folders that hold programs of the builder: their C library decides where the headers can be used. */
export const headerPrograms: readonly string[] = ['headers/scripts', 'headers/tools'];
