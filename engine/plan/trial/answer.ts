import {parseAnswer, type RunAnswer} from '../run/answer.ts';

type Answered = Extract<RunAnswer, {state: unknown}>;
type Refused = Extract<RunAnswer, {refused: string}>;

/** What the host says of a trial. */
export type TrialAnswer =
  | (Answered & {
      /** The kernel's id of the boot that answers. */
      boot: string;
      /** Whether that boot is the trial's. */
      onTrial: boolean;
    })
  | Refused
  | undefined;

/** Reads what the trial's scripts answer; undefined where the answer is not whole. */
export const parseTrialAnswer = (stdout: string): TrialAnswer => {
  const answer = parseAnswer(stdout);
  if (!answer || 'refused' in answer) return answer;
  const [, boot] = /^boot (\S+)$/m.exec(stdout) ?? [];
  const [, booted] = /^booted (trial|plain)$/m.exec(stdout) ?? [];
  return boot === undefined || booted === undefined ? undefined : {...answer, boot, onTrial: booted === 'trial'};
};
