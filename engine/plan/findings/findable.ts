import type {Facts} from '../../facts/facts.ts';
import type {Nic} from '../../facts/nic.ts';
import type {Setting} from '../../model/setting.ts';
import type {PlanVariables} from '../variables.ts';

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
