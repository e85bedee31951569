import type {Applied} from '../../actions/apply-host.ts';
import type {HostApply} from '../../actions/apply.ts';
import {faultsOf} from '../../actions/each-host.ts';
import type {HostRollback, RollOut} from '../../actions/roll-out.ts';
import {EXIT, exitCodeOf} from '../exit-code.ts';

const ofDone = ({left, unbegun, blocks}: Extract<Applied, {outcome: 'done'}>): number => {
  if (left.length > 0) return EXIT.hostFailed;
  // What a recipe asks for is not there; what tuning leaves alone is no failure.
  if (blocks.some(({phase}) => phase !== undefined)) return EXIT.refused;
  return unbegun.length > 0 ? EXIT.hostFailed : EXIT.done;
};

const ofHost = (result: HostApply): number => {
  if ('fault' in result) return EXIT.done;
  const {value} = result;
  if (value.outcome === 'stale') return EXIT.refused;
  if (value.outcome === 'done') return ofDone(value);
  if (value.outcome !== 'stopped') return EXIT.done;
  if (value.run.outcome === 'lost') return EXIT.unreachable;
  return value.run.outcome === 'refused' ? EXIT.refused : EXIT.hostFailed;
};

const ofRollback = (result: HostRollback): number => {
  if ('fault' in result) return EXIT.done;
  const {value} = result;
  if (value.outcome === 'stopped' && value.run.outcome === 'lost') return EXIT.unreachable;
  const isBack = value.outcome === 'done' && value.unkept === undefined;
  return isBack || value.outcome === 'same' || value.outcome === 'none' ? EXIT.done : EXIT.hostFailed;
};

const wasInterrupted = ({results, rolledBack, interrupted}: RollOut): boolean =>
  interrupted ||
  [...results, ...rolledBack].some(
    (result) => 'value' in result && result.value.outcome === 'stopped' && result.value.run.outcome === 'interrupted',
  );

/** Failed and unreachable hosts together are 6; a refusal counts where nothing else went wrong. */
export const applyExitCode = (out: RollOut): number => {
  if (wasInterrupted(out)) return EXIT.interrupted;
  const {results, unhealthy, rolledBack} = out;
  const drained = [...results, ...rolledBack].flatMap((result) => result.drained ?? []);
  const faults = exitCodeOf([...faultsOf(results), ...drained, ...faultsOf(rolledBack)]);
  if (faults === EXIT.interrupted || faults === EXIT.usage) return faults;
  const codes: readonly number[] = [...results.map(ofHost), ...rolledBack.map(ofRollback)];
  const failed = codes
    .filter((code) => code !== EXIT.refused)
    .reduce((all, code) => all | code, faults | (unhealthy.length > 0 ? EXIT.hostFailed : EXIT.done));
  return failed === EXIT.done && codes.includes(EXIT.refused) ? EXIT.refused : failed;
};
