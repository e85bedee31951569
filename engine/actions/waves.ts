/** A number of hosts, or a percentage of all of them. */
export type WaveSize = {hosts: number} | {percent: number};

export type Waves = {
  /** The first wave, in which nothing may fail. */
  canary?: WaveSize;
  /** The sizes of the next ones, of which the last one holds for all that follow; without any, all the rest is one wave. */
  serial: readonly WaveSize[];
};

/** As Ansible counts `serial`: percentages are of all hosts, rounded down, and no wave is empty. */
const hostsOf = (size: WaveSize | undefined, all: number): number => {
  if (size === undefined) return all;
  return Math.max(1, 'hosts' in size ? size.hosts : Math.floor((all * size.percent) / 100));
};

/** One wave of hosts. */
export type Wave<T> = {hosts: readonly T[]; canary: boolean};

/** Deals hosts out to waves, in their order. */
export const wavesOf = <T>(hosts: readonly T[], {canary, serial}: Waves): readonly Wave<T>[] => {
  const waves: Wave<T>[] = [];
  let next = 0;
  const take = (size: WaveSize | undefined, first: boolean): void => {
    const wave = hosts.slice(next, next + hostsOf(size, hosts.length));
    next += wave.length;
    if (wave.length > 0) waves.push({hosts: wave, canary: first});
  };
  if (canary !== undefined) take(canary, true);
  for (let place = 0; next < hosts.length; place += 1) take(serial[Math.min(place, serial.length - 1)], false);
  return waves;
};
