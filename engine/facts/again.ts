import type {Facts} from './facts.ts';
import type {Frames} from './frames.ts';
import {limits} from './limits.ts';
import {OWN_FILES_SCRIPT, ownFiles} from './own-files.ts';
import {present} from './present.ts';
import {sysctls, withLive} from './sysctls.ts';

/** What reads sysctls and limits again, live and for the next boot, and linerate's own files: a tenth of a whole probe. */
export const settingScripts = (facts: Facts): readonly string[] => [
  sysctls.script({sysctls: Object.keys(facts.sysctls.live)}),
  limits.script({sysctls: []}),
  OWN_FILES_SCRIPT,
];

/** The facts with what `settingScripts` brought back. */
export const withSettings = (facts: Facts, frames: Frames): Facts => ({
  ...facts,
  sysctls: {
    ...withLive(facts.sysctls, frames, facts.modules.loaded),
    configured: sysctls.parse(frames).configured,
  },
  limits: limits.parse(frames),
  services: present({...facts.services, own: ownFiles(frames)}),
});
