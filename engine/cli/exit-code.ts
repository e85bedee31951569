import type {Fault, FaultOwner} from '../model/fault.ts';

/** 0 done · 1 usage, configuration or tool · 2 a host failed · 4 a host unreachable · 6 both · 8 refused · 10 pending · 130 Ctrl-C. */
export const EXIT = {
  done: 0,
  usage: 1,
  hostFailed: 2,
  unreachable: 4,
  refused: 8,
  pending: 10,
  interrupted: 130,
} as const;

const OWNER_CODE: Readonly<Record<FaultOwner, number>> = {
  user: EXIT.usage,
  tool: EXIT.usage,
  host: EXIT.hostFailed,
  unreachable: EXIT.unreachable,
};

/** The exit code of several faults: a host that failed and one that was unreachable are 6 together. */
export const exitCodeOf = (faults: readonly Fault[]): number => {
  if (faults.some((fault) => fault.code === 'interrupted')) return EXIT.interrupted;
  const codes = new Set(faults.map((fault) => OWNER_CODE[fault.owner]));
  if (codes.has(EXIT.usage)) return EXIT.usage;
  let code = 0;
  for (const one of codes) code |= one;
  return code;
};
