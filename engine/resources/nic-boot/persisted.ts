import type {Nic} from '../../facts/nic.ts';
import type {Services} from '../../facts/services.ts';
import {switchOf} from '../values.ts';

export type File = Services['files'][number];

/** A value that a file gives an attribute of some NICs whenever the host boots. */
export type Persisted = {
  /** As in a setting's id: `ring.rx`. */
  attribute: string;
  value: string;
  /** `/path:line`. */
  at: string;
  takes: (nic: Nic) => boolean;
};

/** A value in the words of settings: `yes` and `1` of a switch are `on`. */
export const spoken = (attribute: string, value: string): string => {
  const bare = value.replaceAll(/^["']|["']$/g, '');
  const isSwitch = /^(?:feature|pause|private|threaded|coalesce\.(?:adaptive|cqe))/.test(attribute);
  return (isSwitch ? switchOf(bare) : undefined) ?? bare.toLowerCase();
};
