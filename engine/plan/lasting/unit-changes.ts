import type {Facts} from '../../facts/facts.ts';
import {OWN} from '../../facts/own-files.ts';
import type {Change, Step} from '../../model/change.ts';
import type {LastingFile} from './lasting-file.ts';

const systemctl = (verb: string, units: readonly string[]): Step => ({do: 'run', argv: ['systemctl', verb, ...units]});

const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** Units that have an [Install] section. */
const STARTED = new Set<string>([OWN.hostUnit, OWN.driverUnit, OWN.upUnit, OWN.upPath]);

const startedBy = (files: readonly LastingFile[]): readonly string[] =>
  files.filter(({path}) => STARTED.has(path) || path.endsWith('.mount')).map(({path}) => nameOf(path));

const isEnabled = ({services}: Facts, name: string): boolean => services.own?.enabled.includes(name) === true;

// Watching for links begins at once: interrupts are lost at the next ifup, not at the next boot.
const watch = (units: readonly string[], verb: string): readonly Step[] =>
  units.includes(nameOf(OWN.upPath))
    ? [{do: 'run', argv: ['systemctl', verb, nameOf(OWN.upPath)], optional: true}]
    : [];

/** Has units of these files started at boot from now on. */
export const enableUnits = (facts: Facts, files: readonly LastingFile[]): readonly Change[] => {
  const units = startedBy(files).filter((name) => !isEnabled(facts, name));
  if (units.length === 0) return [];
  return [
    {
      id: 'command systemctl enable',
      layer: 'boot',
      before: 'disabled',
      after: `enabled: ${units.join(' ')}`,
      effect: 'live',
      why: 'systemd starts them at each boot',
      carries: [],
      steps: [systemctl('enable', units), ...watch(units, 'start')],
      undo: [...watch(units, 'stop'), systemctl('disable', units)],
    },
  ];
};
