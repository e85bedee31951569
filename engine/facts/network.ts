/** Addresses, routes and what they run over. */
export type Address = {interface: string; family: 4 | 6; address: string; prefix: number};

export type Route = {
  family: 4 | 6;
  /** `default` or a prefix. */
  to: string;
  via?: string;
  interface: string;
  table: string;
  metric?: number;
};

export type Network = {
  addresses: readonly Address[];
  /** Default routes of every table (so of every VRF), and all routes of the main table. */
  routes: readonly Route[];
  /** What the root file system hangs on over the network: `nfs`, `iscsi`, `nbd`; absent when local. */
  networkRoot?: {kind: string; server?: string};
};
