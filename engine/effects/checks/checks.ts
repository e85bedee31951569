import type {Check} from './check.ts';

/** All checks by the names that stages call them by: one row each, its code loaded when it is called. */
export const CHECKS: Readonly<Record<string, () => Promise<Check>>> = {
  'kernel-boot': async () => (await import('./kernel-boot.ts')).check,
  'kernel-config': async () => (await import('./kernel-config.ts')).check,
  'kernel-patches': async () => (await import('./kernel-patches.ts')).check,
  'package-contents': async () => (await import('./package-contents.ts')).check,
  'package-lint': async () => (await import('./package-lint.ts')).check,
};
