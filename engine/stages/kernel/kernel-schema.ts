import * as v from 'valibot';
import type {Kernel} from './kernel.ts';

const filled = v.pipe(v.string(), v.minLength(1, 'must not be empty'));

const source = v.looseObject({from: v.picklist(['github', 'debian-source', 'debian-package', 'url', 'git', 'folder'])});

const KernelSchema = v.looseObject({
  summary: filled,
  version: v.pipe(v.string(), v.regex(/^\d+\.\d+(\.\d+)*$/, 'must be a version such as 6.1')),
  localVersion: v.pipe(v.string(), v.regex(/^(-[\w.-]+)?$/, 'must be empty or begin with -')),
  // Debian's source package is the upstream's tree with patches beside it: `linux-source-V` is the tree that they make.
  source: v.looseObject({from: v.picklist(['github', 'debian-package', 'url', 'git', 'folder'])}),
  tree: v.exactOptional(filled),
  base: filled,
  fragments: v.array(filled),
  patches: v.exactOptional(v.union([v.literal('own'), v.looseObject({source, series: filled})])),
  builder: filled,
  architecture: v.literal('x86_64'),
  moduleSigning: v.union([v.literal('off'), v.strictObject({keyVariable: filled})]),
  targets: v.array(filled),
});

const isKernel = (value: unknown): value is Kernel => v.is(KernelSchema, value);

/** A kernel, or what is wrong with what its file exports: `localVersion: must be empty or begin with -`. */
export const readKernel = (value: unknown): Kernel | readonly string[] => {
  if (isKernel(value)) return value;
  return (v.safeParse(KernelSchema, value).issues ?? []).map(
    (issue) => `${v.getDotPath(issue) ?? 'kernel'}: ${issue.message}`,
  );
};
