import {defineRecipe, v} from '../engine/plan/recipe/api.ts';

/** What linerate does without a recipe: the settings that sheets and the inventory ask for. */
export const recipe = defineRecipe({
  summary: 'Tunes the host for its workload, and nothing else.',
  parameters: v.strictObject({}),
  phases: [{name: 'tuning', desired: () => [{tuning: {}}], reboot: true}],
});
