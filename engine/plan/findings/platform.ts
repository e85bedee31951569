import {known} from '../../model/known.ts';
import type {Finding} from '../../model/setting.ts';
import type {Findable} from './findable.ts';

const unread = ({facts, settings}: Findable): readonly Finding[] => {
  if (facts.os.user.uid <= 0) return [];
  const count = settings.filter(({live}) => typeof live === 'object' && 'unreadable' in live).length;
  const what = count === 0 ? 'some values may not have been readable' : `${String(count)} values could not be read`;
  const message = `probed as ${facts.os.user.name === '' ? `uid ${String(facts.os.user.uid)}` : facts.os.user.name}, not as root: ${what}`;
  return [{code: 'not-root', grade: 'notice', about: 'probe', message, hint: 'use --become (-b), or connect as root'}];
};

const readOnly = ({facts}: Findable): readonly Finding[] => {
  const {immutable, rootReadOnly} = facts.platform;
  if (immutable !== undefined) {
    const message = `the root file system is managed as an image (${immutable}): what shall last belongs into the image, or below /etc`;
    return [{code: 'immutable-root', grade: 'notice', about: '/', message}];
  }
  if (!rootReadOnly) return [];
  const message = 'the root file system is mounted read-only: nothing can be made to last over a reboot';
  return [{code: 'read-only-root', grade: 'conflict', about: '/', message}];
};

const locked = ({facts, workload, settings}: Findable): readonly Finding[] => {
  const lockdown = known(facts.platform.lockdown);
  const secure = known(facts.platform.secureBoot) === true;
  const touched = workload === 'kernel-bypass' || settings.some(({id}) => id.startsWith('module '));
  if (!touched || (!secure && (lockdown === undefined || lockdown === 'none'))) return [];
  const why =
    lockdown === undefined || lockdown === 'none' ? 'Secure Boot is on' : `the kernel is locked down (${lockdown})`;
  return [
    {
      code: 'lockdown',
      grade: 'notice',
      about: 'kernel',
      message: `${why}: unsigned modules (igb_uio), /dev/mem and some module parameters are refused`,
      hint: 'vfio-pci, which distributions sign, works',
      source: 'kernel_lockdown(7)',
    },
  ];
};

/** What of the platform limits what a plan can do. */
export const platformFindings = (found: Findable): readonly Finding[] => [
  ...unread(found),
  ...readOnly(found),
  ...locked(found),
];
