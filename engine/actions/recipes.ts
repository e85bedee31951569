import path from 'node:path';
import {loadFileTemplates} from '../catalogue/file-templates.ts';
import {loadRecipe, type LoadedRecipe} from '../catalogue/recipes.ts';
import {resolveLocalFiles, type KnownFiles} from '../effects/local-files.ts';
import type {Facts} from '../facts/facts.ts';
import {Fault, Faults} from '../model/fault.ts';
import {printableLine} from '../model/printable.ts';
import type {FileTemplates} from '../plan/lasting/lasting-file.ts';
import type {BoundRecipe, ParameterProblem, RecipeHost} from '../plan/recipe/recipe.ts';
import type {PhaseWishes} from '../plan/recipe/wishes.ts';
import type {PlanVariables} from '../plan/variables.ts';

/** A recipe with one host's parameters. */
export type HostRecipe = {name: string; phases: readonly RecipePhase[]};

export type RecipePhase = {
  name: string;
  reboot: boolean;
  wishes(host: string, facts: Facts): PhaseWishes;
};

const problemFault = ({name, file}: LoadedRecipe, variables: PlanVariables, one: ParameterProblem): Fault => {
  const at = variables.at['parameters'];
  const what = one.name === '' ? 'its parameters' : `its parameter "${printableLine(one.name, 100)}"`;
  return new Fault({
    code: 'recipe-parameters',
    owner: 'user',
    message: `recipe ${name}: ${what} ${printableLine(one.problem, 300)}`,
    hint: `${file} says what it takes`,
    ...(at === undefined ? {} : {at}),
  });
};

const renderWith =
  (own: FileTemplates, common: FileTemplates, at: string): RecipeHost<unknown>['render'] =>
  (name, variables) => {
    const template = own.get(name) ?? common.get(name);
    if (template) return template(variables);
    throw new Fault({
      code: 'recipe',
      owner: 'user',
      message: `there is no template ${printableLine(name, 100)}.hbs beside the recipe, nor among linerate's own`,
      at,
    });
  };

type Bound = BoundRecipe['phases'][number];

const phaseOf = (loaded: LoadedRecipe, phase: Bound, templates: FileTemplates): RecipePhase => {
  const at = `recipe ${loaded.name}, phase ${phase.name}`;
  const render = renderWith(loaded.templates, templates, at);
  return {
    name: phase.name,
    reboot: phase.reboot,
    wishes(host, facts) {
      try {
        return {phase: phase.name, at, desired: phase.desired({name: host, facts, render})};
      } catch (cause) {
        if (cause instanceof Fault || cause instanceof Faults) throw cause;
        const reason = cause instanceof Error ? cause.message : String(cause);
        throw new Fault({
          code: 'recipe',
          owner: 'user',
          message: `${at} failed: ${printableLine(reason, 300)}`,
          at: loaded.file,
          cause,
        });
      }
    },
  };
};

const bind = (
  loaded: LoadedRecipe,
  variables: PlanVariables,
  parameters: unknown,
  templates: FileTemplates,
): HostRecipe => {
  const bound = loaded.recipe.bind(parameters);
  if ('problems' in bound) throw new Faults(bound.problems.map((one) => problemFault(loaded, variables, one)));
  return {name: loaded.name, phases: bound.bound.phases.map((phase) => phaseOf(loaded, phase, templates))};
};

/** A path in an inventory's file is seen from that file; one on the command line from where it is run. */
const folderOf = (variables: PlanVariables, variable: 'recipe' | 'parameters'): string => {
  const place = variables.at[variable] ?? '';
  const file = /^([^-\s].*?)(?::\d+)? linerate_\w+$/.exec(place)?.[1];
  return file === undefined ? process.cwd() : path.dirname(path.resolve(file));
};

const keyOf = (variables: PlanVariables): string => `${folderOf(variables, 'recipe')}\n${variables.recipe ?? ''}`;

/** The recipes that hosts' variables name, each loaded once. */
const loadedBy = async (all: readonly PlanVariables[]): Promise<ReadonlyMap<string, LoadedRecipe>> => {
  const loaded = new Map<string, LoadedRecipe>();
  for (const variables of all) {
    if (variables.recipe === undefined || loaded.has(keyOf(variables))) continue;
    const at = variables.at['recipe']?.replace(/ linerate_recipe$/, '');
    loaded.set(keyOf(variables), await loadRecipe(variables.recipe, folderOf(variables, 'recipe'), at));
  }
  return loaded;
};

/**
 * Loads the recipes that hosts' variables name, and reads the files that their parameters name. What is wrong with a host's
 * parameters is thrown when its recipe is asked for.
 * @throws Fault or Faults where a recipe cannot be loaded, or a file not be read
 */
export const loadRecipes = async (
  all: readonly PlanVariables[],
): Promise<(variables: PlanVariables) => HostRecipe | undefined> => {
  const loaded = await loadedBy(all);
  const files: KnownFiles = new Map();
  const parameters = new Map<PlanVariables, unknown>();
  for (const variables of all) {
    const found = loaded.get(keyOf(variables));
    const at = variables.at['parameters'];
    const from = {folder: folderOf(variables, 'parameters'), ...(at === undefined ? {} : {at})};
    if (found) parameters.set(variables, await resolveLocalFiles(found.recipe, variables.parameters, from, files));
  }
  const templates = loaded.size === 0 ? new Map() : loadFileTemplates();
  return (variables) => {
    const recipe = loaded.get(keyOf(variables));
    return recipe && bind(recipe, variables, parameters.get(variables) ?? variables.parameters, templates);
  };
};
