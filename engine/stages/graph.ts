import {Fault} from '../model/fault.ts';
import type {Stage} from './stage.ts';

const bug = (message: string): Fault =>
  new Fault({
    code: 'stage-graph',
    owner: 'tool',
    message,
    hint: 'this is a bug of linerate or of the folder that is built',
  });

const neededBy = ({inputs}: Stage): readonly string[] =>
  Object.values(inputs).flatMap((input) => ('stage' in input ? [input.stage] : []));

/**
 * The stages that targets need, each after those that it is made from; in the order given where that leaves a choice.
 * @throws Fault `stage-graph` where a stage is missing, there twice, or made from itself
 */
export const inBuildOrder = (stages: readonly Stage[], targets: readonly string[]): readonly Stage[] => {
  const byName = new Map(stages.map((stage) => [stage.name, stage]));
  if (byName.size < stages.length) throw bug('two stages have the same name');
  const ordered: Stage[] = [];
  const visit = (name: string, trail: readonly string[]): void => {
    const stage = byName.get(name);
    if (!stage) throw bug(`${trail.at(-1) ?? 'a target'} is made from the stage "${name}", which does not exist`);
    if (trail.includes(name)) throw bug(`the stage "${name}" is made from itself, by way of ${trail.join(', ')}`);
    if (ordered.includes(stage)) return;
    for (const needed of neededBy(stage)) visit(needed, [...trail, name]);
    ordered.push(stage);
  };
  for (const target of targets) visit(target, []);
  return ordered;
};

/** The names of the sources that stages are made from, each once. */
export const sourcesOf = (stages: readonly Stage[]): readonly string[] => [
  ...new Set(
    stages.flatMap(({inputs}) => Object.values(inputs).flatMap((input) => ('source' in input ? [input.source] : []))),
  ),
];
