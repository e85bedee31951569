import type {Feature} from '../nic.ts';

const LINE = /^\s*([A-Za-z0-9_-]+): (on|off)(?: \[(fixed|not requested|requested on|requested off)\])?\s*$/gm;

/** `ethtool -k`, by ethtool's names; what a legacy name stands for (`tcp-segmentation-offload`) is there beside it. */
export const parseFeatures = (text: string): Readonly<Record<string, Feature>> | undefined => {
  const found: Record<string, Feature> = {};
  for (const [, name = '', state, mark] of text.matchAll(LINE)) {
    const asked = mark?.startsWith('requested') === true ? {requested: mark === 'requested on'} : {};
    found[name] = {on: state === 'on', fixed: mark === 'fixed', ...asked};
  }
  return Object.keys(found).length === 0 ? undefined : found;
};
