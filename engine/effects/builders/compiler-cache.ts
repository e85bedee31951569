import {access, readdir} from 'node:fs/promises';
import path from 'node:path';

/** Where compilers are told apart from what else lies beside them. */
const COMPILER = /^(?:x86_64-[\w-]+-)?(?:gcc|g\+\+|cc|c\+\+|clang|clang\+\+)(?:-\d+)?$/;

/** `gcc`, `x86_64-linux-gnu-gcc-12` … of a root folder. */
export const compilersIn = async (base: string): Promise<readonly string[]> =>
  (await readdir(path.join(base, 'usr/bin')).catch(() => [])).filter((name) => COMPILER.test(name)).sort();

/** How compilers are called: by way of ccache, of distcc, of both, or as they are. */
export type Compilation = {
  /** The folder of ccache's results; absent where none are kept. */
  ccache?: string;
  /** Machines that compile along: `DISTCC_HOSTS`, see distcc(1). */
  distcc?: string;
};

/** A compiler's wrapper, as a stage in this root sees it; undefined where it is missing. */
export const wrapperIn = async (base: string, name: 'ccache' | 'distcc'): Promise<string | undefined> => {
  const file = `/usr/bin/${name}`;
  return access(path.join(base, file)).then(
    () => file,
    () => undefined,
  );
};

/**
 * The settings with which ccache hits, and gives the very bytes of the compiler: all builds lie at the same paths, so paths
 * are neither rewritten (CCACHE_BASEDIR changes what debugging information says) nor left out. A compiler is known by its
 * bytes, not by the time of its file, and headers made just now by theirs. https://ccache.dev/manual/4.8.html
 */
export const ccacheEnvironment = (inside: string): Readonly<Record<string, string>> => ({
  CCACHE_DIR: `${inside}/ccache`,
  CCACHE_COMPILERCHECK: 'content',
  CCACHE_SLOPPINESS: 'include_file_mtime,include_file_ctime',
  CCACHE_MAXSIZE: '10G',
});
