import {isUnknown} from '../../model/known.ts';
import type {Finding} from '../../model/setting.ts';
import {parseArguments, PRESENT} from '../../resources/kernel-arguments.ts';
import type {Findable} from './findable.ts';

// What boot loaders and initial RAM disks add by themselves.
const LOADERS_OWN = /^(?:BOOT_IMAGE|initrd|ostree|rd\..*|systemd\.machine_id)$/;

const spelled = (commandLine: string): ReadonlySet<string> =>
  new Set(
    parseArguments(commandLine)
      .filter(({name}) => !LOADERS_OWN.test(name))
      .map(({name, value}) => (value === PRESENT ? name : `${name}=${value}`)),
  );

const missingFrom = (some: ReadonlySet<string>, all: ReadonlySet<string>): string =>
  [...some].filter((argument) => !all.has(argument)).join(' ');

/** Kernel arguments that the next boot will have and this one has not, or the other way round. */
export const bootFindings = ({facts}: Findable): readonly Finding[] => {
  const {commandLine, nextCommandLine, configuredIn} = facts.boot;
  if (isUnknown(nextCommandLine) || commandLine.trim() === '' || nextCommandLine.trim() === '') return [];
  const [now, next] = [spelled(commandLine), spelled(nextCommandLine)];
  const [added, gone] = [missingFrom(next, now), missingFrom(now, next)];
  if (added === '' && gone === '') return [];
  const changes = [added === '' ? '' : `adds ${added}`, gone === '' ? '' : `drops ${gone}`].filter(
    (text) => text !== '',
  );
  return [
    {
      code: 'reboot-pending',
      grade: 'notice',
      about: configuredIn[0] ?? 'kernel arguments',
      message: `the next boot ${changes.join(' and ')}: this host has not been rebooted since its boot entry changed`,
    },
  ];
};
