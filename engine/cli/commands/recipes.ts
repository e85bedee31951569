import type {Command} from 'commander';
import type {Context} from '../context.ts';

/** `linerate recipes`: what hosts can be made, and what each recipe takes. */
export const addRecipes = (program: Command, context: Context): void => {
  program
    .command('recipes')
    .argument('[recipe]', "only this one: a name, or a file's path")
    .description('list the recipes with their phases and parameters')
    .action(async (recipe: string | undefined) => {
      const {runRecipes} = await import('./recipes-run.ts');
      await runRecipes(recipe, context);
    });
};
