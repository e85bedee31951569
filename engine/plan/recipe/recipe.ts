import * as v from 'valibot';
import type {Facts} from '../../facts/facts.ts';
import type {Upload} from '../../model/setting.ts';

/**
 * One address that a recipe wants to hold a value: any that a sheet or an inventory may name (`sysctl net.core.somaxconn`,
 * `boot hugepages`, `nic ring.rx` for every NIC), or one of a recipe's own kinds (`file PATH`, `package NAME`, …), for which
 * there are functions that make wishes.
 */
export type Wish = {
  set: string;
  /** One of the four. */
  to?: string;
  atLeast?: string;
  noMoreThan?: string;
  /** It stays as it is, whatever sheets ask for. */
  leave?: true;
  why: string;
  source?: string;
  /** Units to restart (or only to reload) once in the phase, when this was changed. */
  restarts?: readonly string[];
  reloads?: readonly string[];
  uploads?: readonly Upload[];
};

/** All of the tuning that sheets, topology rules and the inventory ask for; `workload` where the inventory names none. */
export type Tuning = {tuning: {workload?: string}};

export type Desired = Wish | Tuning;

/** What a phase decides on. */
export type RecipeHost<Parameters> = {
  /** The inventory's name of the host. */
  name: string;
  facts: Facts;
  parameters: Parameters;
  /**
   * Renders a template: one beside the recipe (`site.conf` is `site.conf.hbs`), else one of linerate's `templates/files`.
   * Strict: a variable that a tag names and nobody gave is an error.
   */
  render(template: string, variables: Readonly<Record<string, unknown>>): string;
};

/**
 * One step of a recipe: gathered, planned, applied and verified before the next one begins, so that it sees what the earlier
 * ones have made. Pure: the same host and parameters give the same wishes.
 */
export type Phase<Parameters> = {
  /** One word, for `--tags`. */
  name: string;
  desired(host: RecipeHost<Parameters>): readonly Desired[];
  /** The host is rebooted after this phase when something of it waits for that; needs `--reboot`. */
  reboot?: true;
};

type Schema = v.GenericSchema<unknown, unknown>;

export type RecipeDefinition<S extends Schema> = {
  /** One sentence. */
  summary: string;
  /** What the inventory's `linerate_parameters` may hold: a valibot schema; `v.strictObject` refuses unknown names. */
  parameters: S;
  phases: readonly Phase<v.InferOutput<S>>[];
};

/** What is wrong with a recipe's parameters: the name (`tls.port`) and a sentence's end (`must be a number`). */
export type ParameterProblem = {name: string; problem: string};

/** A recipe whose parameters are known to be right. */
export type BoundRecipe = {
  phases: readonly {
    name: string;
    reboot: boolean;
    desired(host: Omit<RecipeHost<unknown>, 'parameters'>): readonly Desired[];
  }[];
};

/** A recipe as linerate carries it out, whatever its parameters' type. */
export type Recipe = {
  summary: string;
  parameters: Schema;
  /** The names of the phases. */
  phases: readonly string[];
  bind(parameters: unknown): {bound: BoundRecipe} | {problems: readonly ParameterProblem[]};
};

const namesOf = (schema: Schema): readonly string[] =>
  'entries' in schema && typeof schema.entries === 'object' && schema.entries !== null
    ? Object.keys(schema.entries)
    : [];

/** A valibot issue as the end of a sentence; a schema's own message is one already. */
const problemOf = (issue: v.BaseIssue<unknown>, schema: Schema): ParameterProblem => {
  const name = v.getDotPath(issue) ?? '';
  if (issue.type === 'strict_object' && issue.expected === 'never') {
    const names = issue.path?.length === 1 ? namesOf(schema) : [];
    return {name, problem: `is no parameter of it${names.length === 0 ? '' : `; there are ${names.join(', ')}`}`};
  }
  if (issue.received === 'undefined') return {name, problem: 'is missing'};
  const standard = issue.message.startsWith('Invalid ') && issue.expected !== null;
  return {name, problem: standard ? `must be ${issue.expected ?? ''}, not ${issue.received}` : issue.message};
};

/** Makes a recipe: what a host shall be, phase by phase. */
export const defineRecipe = <const S extends Schema>({summary, parameters, phases}: RecipeDefinition<S>): Recipe => ({
  summary,
  parameters,
  phases: phases.map(({name}) => name),
  bind(given) {
    const parsed = v.safeParse(parameters, given);
    if (!parsed.success) return {problems: parsed.issues.map((issue) => problemOf(issue, parameters))};
    return {
      bound: {
        phases: phases.map((phase) => ({
          name: phase.name,
          reboot: phase.reboot === true,
          desired: (host) => phase.desired({...host, parameters: parsed.output}),
        })),
      },
    };
  },
});
