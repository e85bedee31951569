import {OWN} from '../../facts/own-files.ts';
import type {Change} from '../../model/change.ts';

// Forwarding takes LRO off NICs, and IPv6's keys take addresses and routes away.
const SETTING = /^sysctl net\/(?!ipv6\/)(?!.*forward)/;

const FILES: ReadonlySet<string> = new Set([OWN.sysctls, OWN.limits, OWN.defaultLimits].map((path) => `file ${path}`));

/** Whether a run has changed nothing of a host but sysctls, and what linerate's own files say of sysctls and limits. */
export const isSettingsOnly = ({
  changes,
  lasting,
}: {
  changes: readonly Pick<Change, 'id'>[];
  lasting: readonly Pick<Change, 'id'>[];
}): boolean => changes.every(({id}) => SETTING.test(id)) && lasting.every(({id}) => FILES.has(id));
