import type {Plan} from '../model/setting.ts';

/**
 * Whether carrying a plan out may cut off whoever works on the host: it makes a link flap, or sets something of a NIC that
 * carries the connection which manages the host.
 */
export const mayCutOff = ({settings}: Pick<Plan, 'settings'>): boolean =>
  settings.some(
    ({pending, effect, management}) => pending.includes('live') && (effect === 'link-flap' || management === true),
  );
