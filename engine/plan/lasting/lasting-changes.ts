import type {Facts} from '../../facts/facts.ts';
import {OWN} from '../../facts/own-files.ts';
import type {Change} from '../../model/change.ts';
import type {Block, Finding, Plan} from '../../model/setting.ts';
import {nicName} from '../disruption.ts';
import {contributionsOf, goingTo, type Contribution} from './contributions.ts';
import {fileChange} from './file-change.ts';
import {holdFiles} from './hold-files.ts';
import {irqbalanceFiles} from './irqbalance-files.ts';
import {kernelArguments} from './kernel-arguments.ts';
import {kernelDefault} from './kernel-default.ts';
import type {FileTemplates, LastingFile} from './lasting-file.ts';
import {limitFiles} from './limit-files.ts';
import {moduleFiles, refreshInitramfs} from './module-files.ts';
import {mountUnits} from './mount-files.ts';
import {sysctlFiles} from './sysctl-files.ts';
import {enableUnits} from './unit-changes.ts';

/** What makes a plan's values hold after a reboot. */
export type LastingChanges = {
  /** In the order in which they are made; one for each file, and for each command that belongs to no file. */
  changes: readonly Change[];
  /** Settings that are pending at boot and stay so. */
  blocks: readonly Block[];
  findings: readonly Finding[];
};

export type LastingOptions = {
  /** What only a reboot takes back may be written: kernel arguments. */
  allowIrreversible?: boolean;
};

const services = (contributions: readonly Contribution<'service'>[]): readonly Change[] =>
  contributions
    .filter(({setting}) => setting.pending.includes('boot'))
    .map(({setting, lasting}) => {
      const run = (enabled: boolean): Change['steps'] => [
        {do: 'run', argv: ['systemctl', enabled ? 'enable' : 'disable', lasting.name]},
      ];
      return {
        id: setting.id,
        layer: 'boot',
        before: lasting.enabled ? 'disabled' : 'enabled',
        after: lasting.enabled ? 'enabled' : 'disabled',
        effect: 'live',
        why: setting.why,
        steps: run(lasting.enabled),
        undo: run(!lasting.enabled),
      };
    });

/** A file of modprobe.d has a copy in the initial RAM disks that hold its modules. */
const moduleChanges = (facts: Facts, files: readonly LastingFile[], modules: readonly string[]): readonly Change[] =>
  files.flatMap((file) => {
    const refresh = [refreshInitramfs(modules)];
    return fileChange(facts, file, {after: refresh, undo: refresh}) ?? [];
  });

const HOOKS = new Set<string>([OWN.upPath, OWN.ifupdownHook, OWN.networkManagerHook]);

const unseenLinks = (
  files: readonly LastingFile[],
  contributions: readonly Contribution<'nic'>[],
): readonly Finding[] => {
  const pinned = contributions.filter(({setting}) => setting.id.startsWith('irq '));
  if (pinned.length === 0 || files.some(({path}) => HOOKS.has(path))) return [];
  return [
    {
      code: 'link-up-unseen',
      grade: 'notice',
      about: OWN.upUnit,
      message: 'no program that linerate knows brings links up on this host, so pinned interrupts are set at boot only',
      hint: 'have whatever brings links up run: systemctl restart linerate-up.service',
    },
  ];
};

/**
 * The boot layer of a plan: files to put, commands to run and their undo, for every value that is pending at boot; nothing
 * where all of them are in place. Files are linerate's own and written anew from the whole plan; values that it made lasting
 * before stay until a plan asks for others. Planning again with what the host then shows finds no value pending at boot but
 * those of `blocks`.
 */
export const lastingChanges = (
  facts: Facts,
  plan: Pick<Plan, 'settings'>,
  templates: FileTemplates,
  options: LastingOptions = {},
): LastingChanges => {
  const {contributions, blocks} = contributionsOf(facts, plan.settings);
  const of = <To extends Contribution['lasting']['to']>(to: To) => goingTo(to, contributions);
  const names = new Set(plan.settings.map(({id}) => nicName(id)));
  const sysctls = sysctlFiles(facts, templates, of('sysctl'));
  const files = [
    ...sysctls.files,
    ...limitFiles(facts, templates, of('limit')),
    ...irqbalanceFiles(facts, templates, of('irqbalance')),
    ...holdFiles(facts, templates, {
      host: of('host'),
      nics: of('nic'),
      planned: facts.nics.filter(({name}) => names.has(name)),
      modules: sysctls.modules,
    }),
  ];
  const modules = moduleFiles(facts, templates, of('module-option'));
  const mounts = mountUnits(
    facts,
    templates,
    of('mount').filter(({setting}) => setting.pending.includes('boot')),
  );
  const mountFiles = mounts.units.map(({file}) => file);
  const allowed = options.allowIrreversible === true;
  const kernel = kernelArguments(facts, templates, of('kernel-argument'), allowed);
  const kernels = {release: of('kernel'), updates: of('kernel-updates')};
  const first = kernelDefault(facts, templates, kernels, allowed);
  const all = [...files, ...mountFiles];
  return {
    changes: [
      ...all.flatMap((file) => fileChange(facts, file) ?? []),
      ...moduleChanges(facts, modules, [...new Set(of('module-option').map(({lasting}) => lasting.module))]),
      ...enableUnits(facts, all),
      ...services(of('service')),
      ...kernel.changes,
      ...first.changes,
    ],
    blocks: [...blocks, ...mounts.blocks, ...kernel.blocks, ...first.blocks],
    findings: unseenLinks(files, of('nic')),
  };
};
