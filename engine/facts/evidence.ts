/** A counter at the probe's start and at its end. */
export type Counter = {first: number; last: number};

/** What the host's own counters say about pressure; by seconds between the two samples. */
export type Evidence = {
  seconds: number;
  softnet: {processed: Counter; dropped: Counter; timeSqueeze: Counter};
  /** By NIC, then counter: rx_missed_errors, rx_dropped, rx_fifo_errors, tx_dropped … of statistics/. */
  nics: Readonly<Record<string, Readonly<Record<string, Counter>>>>;
  listenOverflows?: Counter;
  listenDrops?: Counter;
  tcpRetransmits?: Counter;
  conntrack?: {count: number; max: number};
};
