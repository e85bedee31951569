import {OWN} from '../../facts/own-files.ts';
import {GIVE} from '../../resources/driver-script.ts';
import type {Entry} from './entries.ts';
import {rendered, type FileTemplates, type LastingFile} from './lasting-file.ts';

/** Whether a value of the hold file is a PCI function's driver. */
export const isDriver = ({key}: Pick<Entry, 'key'>): boolean => key.startsWith('driver ');

/** The script that gives PCI functions to their drivers at boot, and its unit; none where the hold file names no driver. */
export const driverFiles = (templates: FileTemplates, host: readonly Entry[]): readonly LastingFile[] => {
  if (!host.some(isDriver)) return [];
  const why = 'gives PCI functions to their drivers at boot, before networks are configured';
  return [
    {path: OWN.driverScript, text: rendered(templates, 'driver.sh', {give: GIVE}), mode: 0o755, carries: [], why},
    {
      path: OWN.driverUnit,
      text: rendered(templates, 'linerate-driver.service', {script: OWN.driverScript}),
      mode: 0o644,
      carries: [],
      why,
    },
  ];
};
