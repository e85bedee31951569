import type {Facts} from '../../facts/facts.ts';
import type {Nic} from '../../facts/nic.ts';
import type {Finding, Setting} from '../../model/setting.ts';
import type {PlanVariables} from '../variables.ts';
import {ceilingFindings} from './ceilings.ts';
import {fileFindings} from './files.ts';
import {hardwareFindings} from './hardware.ts';
import {bootFindings} from './next-boot.ts';
import {platformFindings} from './platform.ts';
import {serviceFindings} from './services.ts';

/** What findings are made of: the facts, and the settings that a plan came to. */
export type Findable = {
  facts: Facts;
  settings: readonly Setting[];
  variables: PlanVariables;
  workload: string;
  nics: readonly Nic[];
  /** Ids that some sheet asks a floor for: ceilings, which nobody should lower. */
  floors: ReadonlySet<string>;
};

/** What a person should know of a host beside its settings, conflicts first. */
export const hostFindings = (found: Findable): readonly Finding[] => [
  ...serviceFindings(found),
  ...fileFindings(found),
  ...ceilingFindings(found),
  ...hardwareFindings(found),
  ...bootFindings(found),
  ...platformFindings(found),
];
