import {gatherOver, PROBE_TIMEOUT_MS} from '../../../engine/actions/gather.ts';
import {tryBoot, type TrialEvent, type TrialOutcome} from '../../../engine/effects/apply/trial.ts';
import type {Mismatch} from '../../../engine/effects/apply/outcome.ts';
import type {Connection} from '../../../engine/effects/connection.ts';
import {connect} from '../../../engine/effects/connections/connect.ts';
import {type Facts, factScripts} from '../../../engine/facts/facts.ts';
import type {Setting} from '../../../engine/model/setting.ts';
import type {Target} from '../../../engine/model/target.ts';
import {trialOf} from '../../../engine/plan/trial/trial-of.ts';
import {runningArgument} from '../../../engine/resources/kernel-arguments.ts';
import {TEMPLATES} from '../../support/lasting.ts';

export type Wanted = Readonly<Record<string, string>>;

const settingOf = (name: string, want: string): Setting => ({
  id: `boot ${name}`,
  live: 'absent',
  boot: {held: 'absent'},
  want,
  pending: ['live', 'boot'],
  why: 'it is wanted',
  source: 'a test',
  from: {layer: 'workload', at: 'a test'},
  effect: 'reboot',
  undo: 'reboot',
});

const read = async (connection: Connection): Promise<Facts> =>
  gatherOver(connection, 'machine', {scripts: factScripts({sysctls: []}), timeoutMs: PROBE_TIMEOUT_MS});

const unlike = (facts: Facts, wanted: Wanted): readonly Mismatch[] =>
  Object.entries(wanted).flatMap(([name, want]) => {
    const found = runningArgument(facts, name) ?? 'absent';
    return found === want ? [] : [{id: `boot ${name}`, want, found}];
  });

export type Trying = {
  id: string;
  wanted: Wanted;
  deadline: number;
  /** What the boot that is tried must hold; `wanted` where nothing else is said. */
  holds?: Wanted;
  onEvent?: (event: TrialEvent) => void;
};

/** Tries kernel arguments on a host as an apply does: reads it, plans, and tries the boot. */
export const tryArguments = async (target: Target, trying: Trying): Promise<TrialOutcome> => {
  const {id, wanted, deadline, holds = wanted} = trying;
  const connection = connect(target);
  try {
    const settings = Object.entries(wanted).map(([name, want]) => settingOf(name, want));
    const {trial, blocks} = trialOf(await read(connection), {settings}, TEMPLATES);
    if (!trial) throw new Error(`no trial: ${JSON.stringify(blocks)}`);
    const names = {id: `${id}-1`, host: 'machine', by: 'tester@controller', at: '2026-11-20T09:26:00Z', digest: 'd1'};
    return await tryBoot(
      target,
      {...names, trial, deadline},
      {
        templates: TEMPLATES,
        keepAs: `${id}-2`,
        connection,
        signal: AbortSignal.timeout(1_500_000),
        verify: async (over) => unlike(await read(over), holds),
        ...(trying.onEvent ? {onEvent: trying.onEvent} : {}),
      },
    );
  } finally {
    await connection.close();
  }
};

// As a program of its own, it can be killed: CONFIG is an ssh_config, TRYING the rest as JSON.
if (import.meta.main) {
  const [config = '', trying = ''] = process.argv.slice(2);
  const target: Target = {
    via: 'ssh',
    name: 'machine',
    address: 'machine',
    arguments: ['-F', config],
    connectTimeoutSeconds: 60,
  };
  // eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion -- the test's own words
  await tryArguments(target, {
    ...(JSON.parse(trying) as Trying),
    onEvent: ({event}) => {
      process.stdout.write(`${event}\n`);
    },
  });
}
