import {existsSync, readdirSync, readFileSync} from 'node:fs';
import {registerHooks} from 'node:module';
import path from 'node:path';
import {fileURLToPath, pathToFileURL} from 'node:url';

import {Fault} from '../model/fault.ts';
import {printable, printableLine} from '../model/printable.ts';
import {compileFileTemplate, type FileTemplate} from '../plan/lasting/file-template.ts';
import {nearestName} from '../plan/nearest.ts';
import type {Recipe} from '../plan/recipe/recipe.ts';
import {contentRoot} from './content-root.ts';

export type LoadedRecipe = {
  /** `web-server`, or a file's name without its ending. */
  name: string;
  /** As it is shown: `recipes/web-server.ts`, or the path that was given. */
  file: string;
  recipe: Recipe;
  /** Templates beside it by their names without `.hbs`. */
  templates: ReadonlyMap<string, FileTemplate>;
};

const isSource = import.meta.url.endsWith('.ts');
const API = new URL(isSource ? '../plan/recipe/api.ts' : '../plan/recipe/api.js', import.meta.url).href;

let hooked = false;

/** Lets a recipe import `linerate`, wherever it lies: a checkout is no package of its folder. */
const hook = (): void => {
  if (hooked) return;
  hooked = true;
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier === 'linerate' ? {url: API, shortCircuit: true} : next(specifier, context),
  });
};

/** Beside the sources; in the compiled package beside `dist/engine`. */
const ownFolder = (): string =>
  isSource
    ? path.join(contentRoot(), 'recipes')
    : path.join(path.dirname(fileURLToPath(import.meta.url)), '../../recipes');

const ENDING = /(?<!\.d)\.(?:ts|mts|js|mjs)$/;

/** The names of linerate's own recipes. */
export const recipeNames = (): readonly string[] =>
  readdirSync(ownFolder())
    .filter((file) => ENDING.test(file))
    .map((file) => file.replace(ENDING, ''))
    .sort();

const templatesBeside = (file: string): ReadonlyMap<string, FileTemplate> => {
  const folder = path.dirname(file);
  return new Map(
    readdirSync(folder)
      .filter((name) => name.endsWith('.hbs'))
      .sort()
      .map((name) => {
        const text = readFileSync(path.join(folder, name), 'utf8');
        return [name.slice(0, -'.hbs'.length), compileFileTemplate(text, path.join(folder, name))];
      }),
  );
};

const unloadable = (file: string, reason: string, cause?: unknown): Fault =>
  new Fault({
    code: 'recipe-unloadable',
    owner: 'user',
    message: `the recipe ${printable(file)} cannot be loaded: ${reason}`,
    hint: 'a recipe is a file with: export const recipe = defineRecipe({...})',
    cause,
  });

const isRecipe = (value: unknown): value is Recipe =>
  typeof value === 'object' && value !== null && 'bind' in value && typeof value.bind === 'function';

const load = async (file: string, shown: string): Promise<Recipe> => {
  hook();
  const loaded: unknown = await import(pathToFileURL(file).href).catch((cause: unknown) => {
    throw unloadable(shown, printableLine(cause instanceof Error ? cause.message : String(cause), 500), cause);
  });
  const recipe = typeof loaded === 'object' && loaded !== null && 'recipe' in loaded ? loaded.recipe : undefined;
  if (isRecipe(recipe)) return recipe;
  throw unloadable(shown, 'it exports no recipe');
};

const isPath = (given: string): boolean => given.includes('/') || ENDING.test(given);

const unknownRecipe = (given: string, at: string | undefined): Fault => {
  const names = recipeNames();
  const near = nearestName(given, names);
  return new Fault({
    code: 'unknown-recipe',
    owner: 'user',
    message: `there is no recipe ${printable(given)}`,
    hint:
      near === undefined
        ? `the recipes are ${names.join(', ')}; a file needs a path: ./mine.ts`
        : `did you mean "${near}"?`,
    ...(at === undefined ? {} : {at}),
  });
};

/**
 * Loads one of linerate's own recipes by its name, or a file by its path, seen from `folder`. Its code is run.
 * @throws Fault `unknown-recipe`, `recipe-unloadable`
 */
export const loadRecipe = async (given: string, folder: string, at?: string): Promise<LoadedRecipe> => {
  const own = isPath(given) ? undefined : recipeNames().find((name) => name === given);
  const file =
    own === undefined ? path.resolve(folder, given) : path.join(ownFolder(), `${own}.${isSource ? 'ts' : 'js'}`);
  if ((own === undefined && !isPath(given)) || !existsSync(file)) throw unknownRecipe(given, at);
  const shown = own === undefined ? given : `recipes/${own}.ts`;
  const name = path.basename(file).replace(ENDING, '');
  return {name, file: shown, recipe: await load(file, shown), templates: templatesBeside(file)};
};
