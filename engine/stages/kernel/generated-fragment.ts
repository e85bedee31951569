import type {Kernel} from './kernel.ts';

/** By what name the options that a kernel's own fields ask for are known. */
export const KERNEL_FILE = 'kernel.ts';

/** What a kernel's fields say of its configuration, as a fragment; merged last. Modules are not signed: see `checkSigning`. */
export const generatedFragment = ({localVersion}: Kernel): string =>
  [
    `CONFIG_LOCALVERSION="${localVersion}"`,
    '# CONFIG_LOCALVERSION_AUTO is not set',
    '# CONFIG_MODULE_SIG is not set',
    '',
  ].join('\n');
