import type {Channel} from './channel.ts';

/** Sends a script its input, once it has begun. */
export type Feeder = {
  /** To be called when the script has begun, any number of times. */
  begin(): void;
  /** Aborted where the input cannot be read. */
  signal: AbortSignal;
  failure(): unknown;
};

export const feederOf = (channel: Channel, input: AsyncIterable<Uint8Array> | undefined): Feeder => {
  const stop = new AbortController();
  let left = input;
  let failure: unknown;
  const fail = (error: unknown): void => {
    failure = error;
    stop.abort();
  };
  return {
    begin() {
      if (left) channel.feed(left).catch(fail);
      left = undefined;
    },
    signal: stop.signal,
    failure: () => failure,
  };
};
