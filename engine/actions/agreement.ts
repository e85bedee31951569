import type {CarryOutOptions} from '../effects/apply/carry-out.ts';
import {environmentOf, runCommand} from '../effects/controller-command.ts';
import {askKeep, hasTerminal} from '../effects/terminal.ts';
import {Fault} from '../model/fault.ts';
import type {Plan} from '../model/setting.ts';
import type {Target} from '../model/target.ts';
import {mayCutOff} from '../plan/cut-off.ts';

export type AgreementOptions = {
  /** Run on this controller once a run is read back; another status than 0 undoes the run. */
  command?: string;
  /** Whether a person has been asked about the changes, and so is there to be asked again. */
  attended: boolean;
};

/**
 * This machine cannot be logged in to anew to see whether that still works: a plan that may cut somebody off needs a person at
 * the terminal, or a command that knows.
 * @throws Fault `cannot-confirm` where there is neither; nothing was changed
 */
export const demandAgreement = (target: Target, plan: Plan, {command}: AgreementOptions): void => {
  if (target.via !== 'local' || command !== undefined || hasTerminal() || !mayCutOff(plan)) return;
  throw new Fault({
    code: 'cannot-confirm',
    owner: 'user',
    host: target.name,
    message: `the changes may cut off who works on ${target.name}, and nobody is there to say that they did not: standard input is not a terminal`,
    hint: '--confirm-command CMD confirms with status 0; or run it on a terminal, or from another machine (-i)',
  });
};

const NOBODY = 'nobody is there to confirm it: give a --confirm-command, or run it on a terminal';

/**
 * What a run has to wait for beside its read-back before it is kept: the user's command; and on this very machine, where
 * nobody can log in anew, a keypress, unless the run was approved unseen and cuts nobody off.
 */
export const agreementOf = (
  target: Target,
  plan: Plan | undefined,
  apply: string,
  {command, attended}: AgreementOptions,
): CarryOutOptions['agree'] => {
  if (command !== undefined)
    return async (_run, {seconds, signal}) => {
      const environment = environmentOf(target, apply);
      const why = await runCommand(command, {environment, timeoutMs: Math.max(1, seconds) * 1000, signal});
      return why === undefined ? undefined : `the confirm command ${why}`;
    };
  if (target.via !== 'local') return undefined;
  return async ({changes}, {seconds, signal}) => {
    const flaps = changes.some(({nic}) => nic !== undefined);
    if (!hasTerminal()) return flaps ? NOBODY : undefined;
    if (!attended && !flaps && !(plan && mayCutOff(plan))) return undefined;
    return (await askKeep(seconds, signal)) ? undefined : 'nobody said that it shall be kept';
  };
};
