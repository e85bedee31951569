import {writeRetryFile} from '../effects/retry-file.ts';
import {isFailed} from './apply.ts';
import type {RollOut} from './roll-out.ts';

export {demandRetryFile} from '../effects/retry-file.ts';

/** Hosts to try again: those that failed, were unreachable or are not healthy, in the inventory's order. */
const toRetry = (order: readonly string[], {results, unhealthy}: RollOut): readonly string[] => {
  const bad = new Set([...results.filter(isFailed), ...unhealthy].map(({host}) => host));
  return order.filter((host) => bad.has(host));
};

/** Where hosts to try again are listed. */
export type Retry = {file: string; hosts: readonly string[]};

/** Lists the hosts to try again in a file, if one is asked for. @throws Fault `cannot-write` */
export const saveRetryFile = async (
  file: string | undefined,
  order: readonly string[],
  out: RollOut,
): Promise<{retry?: Retry}> => {
  if (file === undefined) return {};
  const hosts = toRetry(order, out);
  await writeRetryFile(file, hosts);
  return {retry: {file, hosts}};
};
