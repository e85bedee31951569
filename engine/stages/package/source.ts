import type {Kernel} from '../kernel/kernel.ts';
import {VERSION_FILE} from '../kernel/output.ts';
import type {Stage} from '../stage.ts';
import type {PackageContent} from './definition.ts';
import {render} from './templates.ts';

export type SourceContext = {
  /** The texts of the kernel's folder and the scripts that it was built by, by their paths in the archive. */
  files: Readonly<Record<string, string>>;
  content: PackageContent;
  /** See `PackageContext.epoch`. */
  epoch: number;
};

/**
 * The stage that puts a kernel's corresponding source beside its packages, as the GPL asks (version 2, 3a): one tar of the pinned
 * sources as they came, the patches, the configuration and the scripts that control the build.
 */
export const kernelSourceStage = (name: string, kernel: Kernel, {files, content, epoch}: SourceContext): Stage => ({
  name: `${name} source`,
  inputs: {
    kernel: {stage: `${name} compile`},
    source: {source: name},
    ...(typeof kernel.patches === 'object' ? {patches: {source: `${name} patches`}} : {}),
  },
  script: render(content, 'source.sh', {versionFile: VERSION_FILE}),
  files: {
    ...Object.fromEntries(Object.entries(files).map(([path, text]) => [`build/${path}`, text])),
    README: render(content, 'source-readme', {name, summary: kernel.summary}),
  },
  environment: {SOURCE_DATE_EPOCH: String(epoch)},
  tools: ['tar'],
  builder: 'here',
});
