/** Whose fault it is decides the exit code: user 1, tool 1, host 2, unreachable 4. */
export type FaultOwner = 'user' | 'tool' | 'host' | 'unreachable';

export type FaultDetails = {
  /** Stable and documented: `inventory-syntax`, `ssh-auth`, … */
  code: string;
  /** One sentence with the data in it, without a full stop. */
  message: string;
  owner: FaultOwner;
  /** What to do about it. */
  hint?: string;
  host?: string;
  /** `file:line` or `file:line:column`. */
  at?: string;
  resource?: string;
  /** Redacted by whoever fills it in. */
  command?: string;
  cause?: unknown;
};

/** Everything that goes wrong and is not a bug of ours. Expected refusals are not faults but `Block` values. */
export class Fault extends Error {
  readonly code: string;
  readonly owner: FaultOwner;
  readonly hint?: string;
  readonly host?: string;
  readonly at?: string;
  readonly resource?: string;
  readonly command?: string;

  constructor(details: FaultDetails) {
    super(details.message, details.cause === undefined ? undefined : {cause: details.cause});
    this.name = 'Fault';
    this.code = details.code;
    this.owner = details.owner;
    if (details.hint !== undefined) this.hint = details.hint;
    if (details.host !== undefined) this.host = details.host;
    if (details.at !== undefined) this.at = details.at;
    if (details.resource !== undefined) this.resource = details.resource;
    if (details.command !== undefined) this.command = details.command;
  }
}

/** Several faults found in one go: configuration errors are reported all at once. */
export class Faults extends AggregateError {
  declare readonly errors: Fault[];

  constructor(faults: readonly Fault[]) {
    super(faults, faults.map((fault) => fault.message).join('; '));
    this.name = 'Faults';
  }
}
