import type {RunOutcome} from '../effects/apply/outcome.ts';
import {connect} from '../effects/connections/connect.ts';
import {environmentOf, runCommand} from '../effects/controller-command.ts';
import type {Change} from '../model/change.ts';
import {Fault} from '../model/fault.ts';
import type {Target} from '../model/target.ts';
import type {RunSpec} from '../plan/run/spec.ts';

/** Commands of the controller that take a host out of service, and back. */
export type DrainCommands = {drain?: string; undrain?: string};

const given = ({drain, undrain}: DrainCommands): DrainCommands => ({
  ...(drain === undefined ? {} : {drain}),
  ...(undrain === undefined ? {} : {undrain}),
});

/** A host's own commands, and those of the command line, which take their place. */
export const drainCommands = (own: DrainCommands, instead: DrainCommands): DrainCommands => ({
  ...given(own),
  ...given(instead),
});

export type DrainOptions = DrainCommands & {
  /** Names the apply or rollback to the commands. */
  id: string;
  /** Aborting ends a drain that goes on; what was drained is put back into service all the same. */
  signal: AbortSignal;
  onNote: (text: string) => void;
};

/** How a host's work ended: the outcome of the run that stopped it, or the fault, if either. */
export type HostEnd = {stopped?: Exclude<RunOutcome, {outcome: 'confirmed'}>; fault?: Fault};

/** One host's way out of service and back. */
export type Drain = {
  /** Drains the host before its first run that disrupts something. @throws Fault `drain-failed`: the run is not to begin */
  beforeRun: (run: RunSpec) => Promise<void>;
  /** Puts it back into service, if it was drained and is well. Resolves with why it may still be out of service. */
  end: (end: HostEnd) => Promise<Fault | undefined>;
};

// A load balancer may wait minutes for connections to end.
const COMMAND_MS = 900_000;
const REACH_MS = 20_000;

/** Whether a change interrupts what the host is doing: not one that only says what the next boot shall bring. */
const isDisruptive = ({effect, layer}: Change): boolean =>
  effect === 'link-flap' || effect === 'restart' || (effect === 'reboot' && layer === 'live');

/** Whether carrying a run out interrupts what the host is doing. */
export const disrupts = ({changes, lasting}: RunSpec): boolean => [...changes, ...lasting].some(isDisruptive);

/** A host that answers has been told everything, or its guard has brought everything back. */
const answers = async (target: Target): Promise<boolean> => {
  const connection = connect(target, {signal: AbortSignal.timeout(REACH_MS)});
  try {
    return (await connection.run(':', {timeoutMs: REACH_MS})).status === 0;
  } catch {
    return false;
  } finally {
    await connection.close();
  }
};

/** Why a host is not fit to serve; undefined when it is as it was, or as it was meant to be. */
const unfit = async (target: Target, {stopped, fault}: HostEnd): Promise<string | undefined> => {
  if (stopped?.outcome === 'lost') return 'it does not answer';
  if (stopped && 'notUndone' in stopped && stopped.notUndone.length > 0) return 'it could not be undone whole';
  return fault && fault.code !== 'drain-failed' && !(await answers(target)) ? 'it does not answer' : undefined;
};

const failed = (code: 'drain-failed' | 'undrain-failed', host: string, message: string, hint: string): Fault =>
  new Fault({code, owner: 'host', host, message: `${host} ${message}`, hint});

const STAYS = 'it may still be out of service: see to it, and put it back by hand';

const undrained = async (
  target: Target,
  {undrain, id, onNote}: DrainOptions,
  end: HostEnd,
): Promise<Fault | undefined> => {
  const host = target.name;
  const reason = await unfit(target, end);
  if (reason !== undefined) return failed('undrain-failed', host, `stays drained: ${reason}`, STAYS);
  if (undrain === undefined) return undefined;
  const why = await runCommand(undrain, {environment: environmentOf(target, id), timeoutMs: COMMAND_MS});
  if (why !== undefined) return failed('undrain-failed', host, `was not undrained: the command ${why}`, STAYS);
  onNote('undrained');
  return undefined;
};

/** Takes one host out of service around what disrupts it. A drain that failed half-way is taken back too. */
export const drainAround = (target: Target, options: DrainOptions): Drain => {
  const {drain, undrain, id, signal, onNote} = options;
  let begun = false;
  return {
    async beforeRun(run) {
      if (begun || (drain === undefined && undrain === undefined) || !disrupts(run)) return;
      begun = true;
      if (drain === undefined) return;
      onNote('draining');
      const why = await runCommand(drain, {environment: environmentOf(target, id), timeoutMs: COMMAND_MS, signal});
      if (why === undefined && !signal.aborted) return;
      signal.throwIfAborted();
      throw failed(
        'drain-failed',
        target.name,
        `is left as it is: its drain command ${why ?? ''}`,
        'mend the command, or leave --drain out',
      );
    },
    end: async (end) => (begun ? undrained(target, options, end) : undefined),
  };
};
