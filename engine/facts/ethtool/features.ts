import {remember} from '../../model/remember.ts';
import type {Feature} from '../nic.ts';

const LINE = /^\s*([A-Za-z0-9_-]+): (on|off)(?: \[(fixed|not requested|requested on|requested off)\])?\s*$/gm;

const featureOf = (state: string, mark: string | undefined): Feature => {
  const feature = {on: state === 'on', fixed: mark === 'fixed'};
  return mark?.startsWith('requested') ? {...feature, requested: mark === 'requested on'} : feature;
};

/** `ethtool -k`, by ethtool's names; what a legacy name stands for (`tcp-segmentation-offload`) is there beside it. */
export const parseFeatures = remember((text): Readonly<Record<string, Feature>> | undefined => {
  const found = [...text.matchAll(LINE)].map(
    ([, name = '', state = '', mark]) => [name, featureOf(state, mark)] as const,
  );
  return found.length === 0 ? undefined : Object.fromEntries(found);
});
