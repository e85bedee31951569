import {configurationDifferences, type Difference} from './configuration.ts';
import type {Value} from './expression.ts';
import type {Symbols} from './symbols.ts';

/** How a configuration is no longer the committed one. */
export type Drift = {
  /** What somebody can be asked for: these count. */
  asked: readonly Difference[];
  /** What only follows from others and from the toolchain (`GCC_VERSION`): told along, but it does not count by itself. */
  derived: readonly Difference[];
};

const isAsked = (name: string, symbols: Symbols): boolean =>
  symbols.get(name)?.definitions.some(({prompt}) => prompt !== undefined) ?? true;

/** Compares a committed full configuration with the one that came out. */
export const configurationDrift = (
  committed: ReadonlyMap<string, Value>,
  found: ReadonlyMap<string, Value>,
  symbols: Symbols,
): Drift => {
  const differences = configurationDifferences(committed, found);
  return {
    asked: differences.filter(({name}) => isAsked(name, symbols)),
    derived: differences.filter(({name}) => !isAsked(name, symbols)),
  };
};

const held = (value: Value | undefined): string => value ?? 'not there';

/** `PREEMPT: y → n`. */
export const differenceText = ({name, before, after}: Difference): string =>
  `${name}: ${held(before)} → ${held(after)}`;
