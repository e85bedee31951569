import type {AgreementOptions, HealthCheck, Waves, WaveSize} from '../../actions/roll-out.ts';
import {Fault} from '../../model/fault.ts';
import {printableLine} from '../../model/printable.ts';
import type {HostOptions} from './host-options.ts';

export type ApplyCommandOptions = HostOptions & {
  check?: boolean;
  yes?: boolean;
  confirmTimeout: number;
  confirmCommand?: string;
  allowIrreversible?: boolean;
  reboot?: boolean;
  canary?: string;
  serial?: string;
  maxFailPercentage?: number;
  healthCommand?: string;
  healthUrl?: string;
  healthTimeout: number;
  rollbackAllOnFailure?: boolean;
  drain?: string;
  undrain?: string;
  retryFile?: string;
  verbose: boolean;
};

/** `5` or `20%`. */
const sizeOf = (option: string, text: string): WaveSize => {
  const [, digits = '', percent] = /^(\d{1,9})(%?)$/.exec(text.trim()) ?? [];
  const number = Number(digits);
  if (number >= 1 && (percent !== '%' || number <= 100)) return percent === '%' ? {percent: number} : {hosts: number};
  throw new Fault({
    code: 'usage',
    owner: 'user',
    message: `${option} ${printableLine(text, 100)} is neither a number of hosts nor a percentage`,
    hint: 'such as 5 or 20%',
  });
};

/** How hosts are dealt out to waves. @throws Fault `usage` */
export const wavesOption = ({canary, serial}: ApplyCommandOptions): Waves => ({
  ...(canary === undefined ? {} : {canary: sizeOf('--canary', canary)}),
  serial: serial === undefined ? [] : serial.split(',').map((text) => sizeOf('--serial', text)),
});

/** Hosts that may not even be readable, in percent, before anything is begun. */
export const mostUnread = ({maxFailPercentage, rollbackAllOnFailure}: ApplyCommandOptions): number =>
  maxFailPercentage ?? (rollbackAllOnFailure ? 0 : 100);

/** What is asked of hosts after each wave. @throws Fault `usage` */
export const healthOption = (options: ApplyCommandOptions): {health?: HealthCheck} => {
  const {healthCommand: command, healthUrl: url, healthTimeout: timeoutSeconds} = options;
  if (command === undefined && url === undefined) return {};
  return {
    health: {...(command === undefined ? {} : {command}), ...(url === undefined ? {} : {url}), timeoutSeconds},
  };
};

/** What a run waits for before it is kept; `asked` when a person has been asked about the changes. */
export const agreementOption = (
  {confirmCommand: command}: {confirmCommand?: string},
  asked: boolean,
): AgreementOptions => ({
  attended: asked,
  ...(command === undefined ? {} : {command}),
});
