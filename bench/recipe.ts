import {defineRecipe, file, v} from '../engine/plan/recipe/api.ts';
import {RECIPE_FILES} from './files.ts';

/** The tuning, and files as a server's recipe has them. */
export const recipe = defineRecipe({
  summary: 'Tunes the host, and writes the configuration of a server.',
  parameters: v.strictObject({}),
  phases: [
    {
      name: 'tuning',
      desired: () => [{tuning: {}}, ...[...RECIPE_FILES].map(([path, text]) => file(path, {text, why: 'a benchmark'}))],
    },
  ],
});
