import path from 'node:path';
import {loadSheets} from '../catalogue/sheets.ts';
import {readAnsibleConfiguration, type AnsibleConfiguration} from '../effects/inventory/ansible-cfg.ts';
import {readInventory} from '../effects/inventory/read-inventory.ts';
import {readText} from '../effects/inventory/read-text.ts';
import {readVaultPassword} from '../effects/inventory/vault-passwords.ts';
import type {VaultPassword} from '../effects/inventory/vault.ts';
import type {Facts} from '../facts/facts.ts';
import {targetOf} from '../inventory/connection-variables.ts';
import {parseRecipeParameters} from '../inventory/recipe-parameters.ts';
import {findHost, type Inventory} from '../inventory/inventory.ts';
import {resolveVariables} from '../inventory/templates.ts';
import {selectHosts} from '../inventory/patterns.ts';
import {Fault, Faults} from '../model/fault.ts';
import {printable} from '../model/printable.ts';
import type {Target} from '../model/target.ts';
import {workloadOf} from '../plan/plan.ts';
import type {HostChoice} from './host-choice.ts';
import {checkTags, type Planning} from './planning.ts';
import {loadRecipes} from './recipes.ts';
import {becoming, defaultsOf} from './target-defaults.ts';
import type {Sheets} from '../plan/sheet.ts';
import {parsePlanVariables, type PlanVariables} from '../plan/variables.ts';

/** The chosen hosts, ready to be reached and planned. */
export type Chosen = {
  targets: readonly Target[];
  sheets: Sheets;
  variablesOf: (host: string) => PlanVariables;
  planningOf: (host: string) => Planning;
  /** Set when the limit asks for facts: applied once they are known. */
  matches?: (host: string, facts: Facts) => boolean;
  /** Said on standard error. */
  warnings: readonly string[];
  /** From ansible.cfg, where the command line says nothing. */
  forks?: number;
};

/** Longest that one run of an inventory script may take. */
const SCRIPT_TIMEOUT_MS = 30_000;
const HERE = 'localhost';

const recordingName = (file: string): string => path.basename(file).replace(/\.rec$/, '');

/** Targets that the command line itself describes: this machine, an unpacked image, recordings. */
const ownTargets = (choice: HostChoice): readonly Target[] | undefined => {
  const targets: Target[] = (choice.recording ?? []).map((file) => ({
    via: 'recording',
    name: recordingName(file),
    file,
  }));
  if (choice.root !== undefined) {
    const directory = path.resolve(choice.root);
    targets.unshift({via: 'root', name: path.basename(directory) || directory, directory});
  }
  return targets.length > 0 ? targets : undefined;
};

/** Where the inventory is: the options, the environment, ansible.cfg; the empty list means this machine. */
const sourcesOf = (choice: HostChoice, configuration: AnsibleConfiguration): readonly string[] => {
  if (choice.inventory !== undefined) return choice.inventory;
  const named = process.env['LINERATE_INVENTORY'] ?? process.env['ANSIBLE_INVENTORY'];
  if (named !== undefined && named !== '') return [named];
  return configuration.inventory ?? [];
};

const passwordsOf = async (
  choice: HostChoice,
  configuration: AnsibleConfiguration,
  signal: AbortSignal,
): Promise<readonly VaultPassword[]> => {
  const files =
    choice.vaultPasswordFile ??
    (configuration.vaultPasswordFile === undefined ? [] : [configuration.vaultPasswordFile]);
  return Promise.all(files.map(async (file) => readVaultPassword(file, {timeoutMs: SCRIPT_TIMEOUT_MS, signal})));
};

type Read = {inventory: Inventory; configuration: AnsibleConfiguration; own: readonly Target[] | undefined};

/** Reads the inventory that the command line, the environment or ansible.cfg names. */
export const readHosts = async (choice: HostChoice, signal: AbortSignal): Promise<Read> => {
  const configuration = await readAnsibleConfiguration({environment: process.env, directory: process.cwd()});
  const sources = sourcesOf(choice, configuration);
  const own = ownTargets(choice) ?? (sources.length === 0 ? [{via: 'local', name: HERE} as const] : undefined);
  const inventory = await readInventory(own ? own.map((target) => `${target.name},`) : sources, {
    vaultPasswords: await passwordsOf(choice, configuration, signal),
    scriptTimeoutMs: SCRIPT_TIMEOUT_MS,
    extraVariables: choice.extraVars ?? [],
    signal,
  });
  return {inventory, configuration, own};
};

/** The patterns of a file, one a line. @throws Fault `no-hosts` where there are none: an empty limit would mean all hosts */
const limitsOfFile = async (file: string): Promise<readonly string[]> => {
  const lines = (await readText(file, [])).split('\n').map((line) => line.trim());
  const patterns = lines.filter((line) => line !== '' && !line.startsWith('#'));
  if (patterns.length > 0) return patterns;
  throw new Fault({code: 'no-hosts', owner: 'user', message: `no host is chosen: ${printable(file)} is empty`});
};

/** `@file` names patterns, one a line; the rest are patterns. */
const limitsOf = async (limits: readonly string[]): Promise<readonly string[]> => {
  const read = async (limit: string): Promise<readonly string[]> =>
    limit.startsWith('@') ? limitsOfFile(limit.slice(1)) : [limit];
  return (await Promise.all(limits.map(read))).flat();
};

/** Collects the faults of many hosts, so that all are told at once. */
const eachHost = <T>(hosts: readonly string[], make: (host: string) => T): readonly T[] => {
  const faults: Fault[] = [];
  const made = hosts.flatMap((host) => {
    try {
      return [make(host)];
    } catch (error) {
      if (error instanceof Faults) faults.push(...error.errors);
      else if (error instanceof Fault) faults.push(error);
      else throw error;
      return [];
    }
  });
  // A group's variable that is wrong is wrong for each of its hosts: told once.
  const distinct = [...new Map(faults.map((fault) => [`${fault.at ?? ''} ${fault.message}`, fault])).values()];
  if (distinct.length > 0) throw new Faults(distinct);
  return made;
};

const planVariables = (inventory: Inventory, name: string, choice: HostChoice): PlanVariables => {
  const {workload, recipe, takeOver, parameter = []} = choice;
  const host = findHost(inventory, name);
  const chosen = {
    ...(workload === undefined ? {} : {linerate_workload: workload}),
    ...(recipe === undefined ? {} : {linerate_recipe: recipe}),
    ...(takeOver === undefined ? {} : {linerate_take_over: takeOver}),
  };
  const variables = parsePlanVariables({...(host && resolveVariables(host, 'linerate_')), ...chosen}, (variable) =>
    variable in chosen ? variable.replace('linerate_', '--').replace('_', '-') : host?.definitions.get(variable)?.at,
  );
  const parameters = {...variables.parameters, ...parseRecipeParameters(parameter)};
  return parameter.length === 0
    ? variables
    : {...variables, parameters, at: {...variables.at, parameters: '--parameter'}};
};

/** Every host's recipe with its parameters, and what else its plan is made from. */
const plannings = async (
  sheets: Sheets,
  variables: ReadonlyMap<string, PlanVariables>,
  tags: readonly string[] | undefined,
): Promise<ReadonlyMap<string, Planning>> => {
  const recipeOf = await loadRecipes([...variables.values()]);
  const recipes = new Map(
    eachHost([...variables.keys()], (host) => {
      const own = variables.get(host);
      return [host, own && recipeOf(own)] as const;
    }),
  );
  if (tags) checkTags([...recipes.values()], tags);
  return new Map(
    [...variables].map(([host, own]) => {
      const recipe = recipes.get(host);
      return [host, {sheets, variables: own, ...(recipe ? {recipe} : {}), ...(tags ? {tags} : {})}];
    }),
  );
};

/**
 * Chooses hosts: of an inventory by `--limit`, or this machine, an image's root, recordings.
 * @throws Fault or Faults with everything that is wrong with the inventory and the variables of the chosen hosts
 */
export const chooseHosts = async (choice: HostChoice, signal: AbortSignal): Promise<Chosen> => {
  const {inventory, configuration, own} = await readHosts(choice, signal);
  const selection = selectHosts(inventory, await limitsOf(choice.limit ?? []));
  if (selection.hosts.length === 0)
    throw new Fault({
      code: 'no-hosts',
      owner: 'user',
      message: `no host is chosen${choice.limit === undefined ? ': the inventory is empty' : ` by --limit ${choice.limit.join(' ')}`}`,
      hint: 'linerate inventory --graph shows the groups and hosts',
    });
  const defaults = await defaultsOf(choice, configuration, signal);
  const targets = eachHost(selection.hosts, (name) => {
    const described = own?.find((target) => target.name === name);
    return described ? becoming(described, defaults) : targetOf(inventory, name, defaults);
  });
  const sheets = loadSheets();
  const variables = new Map(
    eachHost(selection.hosts, (name) => {
      const own = planVariables(inventory, name, choice);
      workloadOf(sheets, own);
      return [name, own] as const;
    }),
  );
  const variablesOf = (host: string): PlanVariables => variables.get(host) ?? planVariables(inventory, host, choice);
  const planning = await plannings(sheets, variables, choice.tags);
  return {
    targets,
    sheets,
    variablesOf,
    planningOf: (host) => planning.get(host) ?? {sheets, variables: variablesOf(host)},
    ...(selection.needsFacts ? {matches: (host, facts) => selection.matches(host, facts)} : {}),
    warnings: [
      ...[...configuration.warnings, ...inventory.warnings].map((one) =>
        printable(`${one.at === undefined ? '' : `${one.at}: `}${one.message}`),
      ),
      ...selection.unmatched.map((pattern) => printable(`--limit ${pattern} matches no host and no group`)),
    ],
    ...(configuration.forks === undefined ? {} : {forks: configuration.forks}),
  };
};
