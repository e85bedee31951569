/**
 * What a recipe imports as `linerate`: everything to say what a host shall be. Pure; a recipe of one's own is a file that
 * exports `recipe`, as those in linerate's `recipes/` do.
 */
export * as v from 'valibot';
export {parseCpuList, formatCpuList} from '../../model/cpulist.ts';
export {formatCpuMask} from '../../model/cpumask.ts';
export {isUnknown, known} from '../../model/known.ts';
export {shellQuote} from '../../model/shell.ts';
export type {Facts} from '../../facts/facts.ts';
export type {Nic} from '../../facts/nic.ts';
export {defineRecipe} from './recipe.ts';
export type {Desired, Phase, Recipe, RecipeDefinition, RecipeHost, Tuning, Wish} from './recipe.ts';
export {hugepagesArgument, hugepagesFor, otherPools} from './hugepages.ts';
export type {Hugepages} from './hugepages.ts';
export {kernelRelease} from '../../resources/kernel-release.ts';
export {packetCores} from './packet-cores.ts';
export type {PacketCores} from './packet-cores.ts';
export {interfaces, workerCpus, nodeOfNic} from './placement.ts';
export type {Placement} from './placement.ts';
export {absolutePath, count, cpuList, described, plainName, port} from './parameters.ts';
export {file, folder, link} from './wish/file.ts';
export {command} from './wish/command.ts';
export {bound, functionsOf, nicFunctions} from './wish/driver.ts';
export type {NicFunction} from './wish/driver.ts';
export {group} from './wish/group.ts';
export {mounted} from './wish/mount.ts';
export {running, stopped} from './wish/service.ts';
export {user} from './wish/user.ts';
export {installed, packageFile, removed} from './wish/package.ts';
export {localFile} from './parameter/local-file.ts';
export type {LocalFile} from './parameter/local-file.ts';
