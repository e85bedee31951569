import type {Kernel} from './kernel.ts';

/** By what name the options that a kernel's own fields ask for are known. */
export const KERNEL_FILE = 'kernel.ts';

/** What a kernel's fields say of its configuration, as a fragment; merged last. */
export const generatedFragment = ({localVersion, moduleSigning}: Kernel): string =>
  [
    `CONFIG_LOCALVERSION="${localVersion}"`,
    '# CONFIG_LOCALVERSION_AUTO is not set',
    moduleSigning === 'off'
      ? '# CONFIG_MODULE_SIG is not set'
      : 'CONFIG_MODULE_SIG=y\n# CONFIG_MODULE_SIG_ALL is not set',
    '',
  ].join('\n');
