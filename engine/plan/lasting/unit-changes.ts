import type {Facts} from '../../facts/facts.ts';
import {OWN} from '../../facts/own-files.ts';
import type {Change, Step} from '../../model/change.ts';
import type {LastingFile} from './lasting-file.ts';

const systemctl = (verb: string, units: readonly string[]): Step => ({do: 'run', argv: ['systemctl', verb, ...units]});

const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** Units that have an [Install] section. */
const STARTED = new Set<string>([OWN.hostUnit, OWN.upUnit, OWN.upPath]);

const startedBy = (files: readonly LastingFile[]): readonly string[] =>
  files.filter(({path}) => STARTED.has(path) || path.endsWith('.mount')).map(({path}) => nameOf(path));

const isEnabled = ({services}: Facts, name: string): boolean => services.own?.enabled.includes(name) === true;

const change = (
  verb: 'enable' | 'disable',
  units: readonly string[],
  why: string,
  steps: readonly Step[],
  undo: readonly Step[],
): Change => ({
  id: `command systemctl ${verb}`,
  layer: 'boot',
  before: verb === 'enable' ? 'disabled' : 'enabled',
  after: `${verb}d: ${units.join(' ')}`,
  effect: 'live',
  why,
  carries: [],
  steps,
  undo,
});

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
    change(
      'enable',
      units,
      'systemd starts them at each boot',
      [systemctl('enable', units), ...watch(units, 'start')],
      [...watch(units, 'stop'), systemctl('disable', units)],
    ),
  ];
};

/** No longer starts units of linerate's whose files go. */
export const disableUnits = (facts: Facts, kept: readonly LastingFile[]): readonly Change[] => {
  const wanted = new Set(startedBy(kept));
  const units = [...STARTED].map(nameOf).filter((name) => isEnabled(facts, name) && !wanted.has(name));
  if (units.length === 0) return [];
  return [
    change(
      'disable',
      units,
      'no value of the plan needs them any more',
      [...watch(units, 'stop'), systemctl('disable', units)],
      [systemctl('enable', units), ...watch(units, 'start')],
    ),
  ];
};
