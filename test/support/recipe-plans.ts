import {loadRecipes} from '../../engine/actions/recipes.ts';
import {planFor} from '../../engine/actions/planning.ts';
import {loadSheets} from '../../engine/catalogue/sheets.ts';
import type {Facts} from '../../engine/facts/facts.ts';
import type {Plan} from '../../engine/model/setting.ts';
import type {PhaseWishes} from '../../engine/plan/recipe/wishes.ts';
import {parsePlanVariables} from '../../engine/plan/variables.ts';

const SHEETS = loadSheets();

/** One of linerate's recipes with parameters, as a command line would give them. */
export type RecipeOn = {
  /** What each phase wishes for. */
  wishes(facts: Facts): readonly PhaseWishes[];
  plan(facts: Facts): Plan;
};

/** @throws Faults where the parameters are wrong */
export const recipeOn = async (name: string, parameters: Readonly<Record<string, unknown>>): Promise<RecipeOn> => {
  const variables = parsePlanVariables({linerate_recipe: name, linerate_parameters: parameters}, () => undefined);
  const recipe = (await loadRecipes([variables]))(variables);
  if (!recipe) throw new Error(`no recipe ${name}`);
  return {
    wishes: (facts) => recipe.phases.map((phase) => phase.wishes('host', facts)),
    plan: (facts) => planFor('host', facts, {sheets: SHEETS, variables, recipe}),
  };
};
