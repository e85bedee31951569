import {serviceName} from '../../../resources/service-read.ts';
import type {Wish} from '../recipe.ts';
import {detailsOf, type WishDetails} from './details.ts';

// Any unit may be meant; of a service the suffix may be left out.
const wish = (unit: string, to: string, details: WishDetails): Wish => ({
  set: `service ${serviceName(unit)}`,
  to,
  ...detailsOf(details),
});

/** A systemd unit (`nginx`, `nginx.service`, `x.socket`, `x@1.service`) that runs now and is started at each boot. */
export const running = (unit: string, details: WishDetails): Wish => wish(unit, 'running', details);

/** A systemd unit that does not run and is not started at boot. */
export const stopped = (unit: string, details: WishDetails): Wish => wish(unit, 'stopped', details);
