import type {Fact} from './fact.ts';
import type {Frames} from './frames.ts';
import {type Line, directoriesOf, linesOf, mergedFiles, quotedPatterns} from './merged-files.ts';

export type KernelModules = {
  /** Loaded modules by name (underscores); what is built into the kernel is not among them. */
  loaded: readonly string[];
  /** Readable parameters of those that plans look at, by module. */
  parameters: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** `options NAME key=value` of modprobe.d, in its order: path:line, module, text. */
  options: readonly {at: string; module: string; text: string}[];
  /** modules-load.d and /etc/modules. */
  loadedAtBoot: readonly {at: string; module: string}[];
};

const PARAMETERS = [
  'nf_conntrack/parameters/hashsize',
  'ena/parameters/*',
  'ixgbe/parameters/*',
  'i40e/parameters/*',
  'ice/parameters/*',
  'igb/parameters/*',
  'mlx5_core/parameters/prof_sel',
  'virtio_net/parameters/*',
  'vfio/parameters/enable_unsafe_noiommu_mode',
  'intel_idle/parameters/max_cstate',
  'processor/parameters/max_cstate',
  'pcie_aspm/parameters/policy',
  'workqueue/parameters/power_efficient',
  'kvm/parameters/halt_poll_ns',
];

const MODPROBE = directoriesOf('modprobe.d');
const LOAD = directoriesOf('modules-load.d');
const OPTION_FILES = quotedPatterns(MODPROBE.map((directory) => `${directory}/*.conf`));
const LOAD_FILES = quotedPatterns(LOAD.map((directory) => `${directory}/*.conf`));

const SCRIPT = `b /proc/modules
g /sys/module ${PARAMETERS.map((path) => `'${path}'`).join(' ')}
e modprobe.d ${OPTION_FILES}
w '^[[:space:]]*options[[:space:]]|^[^#].*\\\\$|^[[:space:]]+[^#]' ${OPTION_FILES}
e modules-load.d ${LOAD_FILES}
w '^[[:space:]]*[^#;[:space:]]' /etc/modules ${LOAD_FILES}`;

/** Names of the loaded modules. */
export const loadedModules = (frames: Frames): readonly string[] =>
  (frames.files.get('/proc/modules') ?? '').split('\n').flatMap((line) => line.split(' ')[0] || []);

const parametersOf = (frames: Frames): KernelModules['parameters'] => {
  const found: Record<string, Record<string, string>> = {};
  for (const [path, text] of frames.files) {
    const [, module, parameter] = /^\/sys\/module\/([^/]+)\/parameters\/([^/]+)$/.exec(path) ?? [];
    if (module === undefined || parameter === undefined) continue;
    found[module] = {...found[module], [parameter]: text.trim()};
  }
  return found;
};

/** A file's lines, those that end with a backslash joined to the next one, at the first one's place. */
const joinedLines = (frames: Frames, path: string): readonly Line[] => {
  const joined: Line[] = [];
  let open: Line | undefined;
  for (const line of linesOf(frames, path)) {
    const text: string = (open?.text ?? '') + line.text;
    const at: string = open?.at ?? line.at;
    open = text.endsWith('\\') ? {at, text: text.slice(0, -1)} : undefined;
    if (open === undefined && text.trim() !== '') joined.push({at, text: text.trim()});
  }
  return joined;
};

const optionsOf = (frames: Frames): KernelModules['options'] =>
  mergedFiles(frames.lists.get('modprobe.d') ?? [], MODPROBE)
    .flatMap((path) => joinedLines(frames, path))
    .flatMap(({at, text}) => {
      const [, module = '', options = ''] = /^options\s+(\S+)\s+(.*)$/.exec(text) ?? [];
      return module === '' ? [] : [{at, module: module.replaceAll('-', '_'), text: options}];
    });

const loadedAtBootOf = (frames: Frames): KernelModules['loadedAtBoot'] =>
  ['/etc/modules', ...mergedFiles(frames.lists.get('modules-load.d') ?? [], LOAD)]
    .flatMap((path) => joinedLines(frames, path))
    .map(({at, text}) => ({at, module: (text.split(/\s/)[0] ?? '').replaceAll('-', '_')}));

const parse = (frames: Frames): KernelModules => ({
  loaded: loadedModules(frames),
  parameters: parametersOf(frames),
  options: optionsOf(frames),
  loadedAtBoot: loadedAtBootOf(frames),
});

export const modules: Fact<KernelModules> = {name: 'modules', script: () => SCRIPT, parse};
