import type {Finding} from '../../model/setting.ts';
import {ceilingFindings} from './ceilings.ts';
import {fileFindings} from './files.ts';
import type {Findable} from './findable.ts';
import {hardwareFindings} from './hardware.ts';
import {bootFindings} from './next-boot.ts';
import {platformFindings} from './platform.ts';
import {serviceFindings} from './services.ts';

/** What a person should know of a host beside its settings, conflicts first. */
export const hostFindings = (found: Findable): readonly Finding[] => [
  ...serviceFindings(found),
  ...fileFindings(found),
  ...ceilingFindings(found),
  ...hardwareFindings(found),
  ...bootFindings(found),
  ...platformFindings(found),
];
