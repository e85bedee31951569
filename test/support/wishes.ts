import {applyHost, type Applied, type ApplyHostOptions} from '../../engine/actions/apply-host.ts';
import {readState} from '../../engine/actions/host-state.ts';
import type {Planning} from '../../engine/actions/planning.ts';
import {rollbackHost, wayBack, type RolledBack, type Way} from '../../engine/actions/rollback-host.ts';
import {loadFileTemplates} from '../../engine/catalogue/file-templates.ts';
import {connect} from '../../engine/effects/connections/connect.ts';
import type {Target} from '../../engine/effects/connection.ts';
import {pacing} from '../../engine/effects/connections/pacing.ts';
import {factScripts} from '../../engine/facts/facts.ts';
import type {Plan} from '../../engine/model/setting.ts';
import type {Wish} from '../../engine/plan/recipe/recipe.ts';
import {parsePlanVariables} from '../../engine/plan/variables.ts';
import {exampleSheets} from './sheets.ts';

/** What each phase of a recipe wishes, by the phase's name. */
type Phases = Readonly<Record<string, readonly Wish[]>>;

const planningOf = (phases: Phases): Planning => ({
  sheets: exampleSheets({}),
  variables: parsePlanVariables({}, () => 'a test'),
  recipe: {
    name: 'test',
    phases: Object.entries(phases).map(([name, desired]) => ({
      name,
      reboot: false,
      wishes: () => ({phase: name, at: `recipe test, phase ${name}`, desired}),
    })),
  },
});

const SCRIPTS = factScripts({sysctls: []});

/** The plan of a host for these wishes alone. */
export const planWishes = async (target: Target, wishes: readonly Wish[]): Promise<Plan> => {
  const connection = connect(target);
  try {
    const reading = {
      target,
      connection,
      planning: planningOf({all: wishes}),
      scripts: SCRIPTS,
      pacing: pacing(),
      signal: new AbortController().signal,
    };
    return (await readState(reading, connection)).plan;
  } finally {
    await connection.close();
  }
};

let applies = 0;

/** Provisions a host as a recipe with these phases does. */
export const applyPhases = async (
  target: Target,
  phases: Phases,
  options: Partial<ApplyHostOptions> = {},
): Promise<Applied> => {
  applies += 1;
  return applyHost(target, {
    planning: planningOf(phases),
    scripts: SCRIPTS,
    templates: loadFileTemplates(),
    confirmSeconds: 60,
    allowIrreversible: false,
    reboot: false,
    id: `20261120T11${String(applies).padStart(4, '0')}Z-${String(process.pid)}`,
    by: 'tester@controller',
    at: '2026-11-20T11:00:00Z',
    pacing: pacing(),
    signal: new AbortController().signal,
    ...options,
  });
};

/** As `applyPhases`, with one phase. */
export const applyWishes = async (
  target: Target,
  wishes: readonly Wish[],
  options: Partial<ApplyHostOptions> = {},
): Promise<Applied> => applyPhases(target, {all: wishes}, options);

const wayOf = async (target: Target): Promise<Way> => {
  const connection = connect(target);
  try {
    return await wayBack(connection, target.name, undefined);
  } finally {
    await connection.close();
  }
};

/** Takes the last apply back. */
export const rollBack = async (target: Target): Promise<RolledBack> => {
  applies += 1;
  const way = await wayOf(target);
  return rollbackHost(target, {
    force: false,
    approved: way.way === 'back' ? way.digest : '',
    confirmSeconds: 60,
    id: `20261120T11${String(applies).padStart(4, '0')}Z-${String(process.pid)}`,
    by: 'tester@controller',
    at: '2026-11-20T11:00:00Z',
    pacing: pacing(),
    signal: new AbortController().signal,
  });
};
