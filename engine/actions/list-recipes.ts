import {loadRecipe, recipeNames, type LoadedRecipe} from '../catalogue/recipes.ts';

/** Linerate's own recipes, or the one that is named or lies at a path. @throws Fault */
export const listRecipes = async (given: string | undefined): Promise<readonly LoadedRecipe[]> =>
  Promise.all((given === undefined ? recipeNames() : [given]).map(async (name) => loadRecipe(name, process.cwd())));
