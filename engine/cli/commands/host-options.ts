import {InvalidArgumentError, type Command} from 'commander';
import type {HostChoice} from '../../actions/host-choice.ts';

/** The options that choose hosts and the way to them; spelled as Ansible spells them. */
export type HostOptions = HostChoice & {forks?: number};

/** How many hosts at once: the option, else ansible.cfg, else the pool's own default. */
export const forksOf = (options: {forks?: number}, chosen: {forks?: number}): {forks?: number} => {
  const forks = options.forks ?? chosen.forks;
  return forks === undefined ? {} : {forks};
};

const collect = (value: string, earlier: readonly string[] = []): readonly string[] => [...earlier, value];

export const positive = (value: string): number => {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1) throw new InvalidArgumentError('It must be a whole number from 1 up.');
  return number;
};

/** Adds the options; without an inventory the host is this machine. */
export const addHostOptions = (command: Command): Command =>
  command
    .option(
      '-i, --inventory <path>',
      'inventory: file, folder, script or "host1,host2," (repeatable; default: this machine)',
      collect,
    )
    .option(
      '-l, --limit <pattern>',
      'only these hosts: names, groups, "a:&b:!c", globs, ~regex, g[0:2], @file, nic=mlx5_core',
      collect,
    )
    .option('-f, --forks <n>', 'how many hosts at once (default: 50)', positive)
    .option('-u, --user <name>', 'log in as this user')
    .option('-b, --become', 'become root by sudo')
    .option('--become-user <name>', 'become this user instead')
    .option('-K, --ask-become-pass', 'ask for the sudo password')
    .option('--become-password-file <file>', 'read the sudo password from a file')
    .option('--private-key <file>', 'SSH identity')
    .option('--ssh-common-args <args>', 'further arguments of ssh')
    .option('-T, --timeout <seconds>', 'connect timeout (default: 10)', positive)
    .option('-e, --extra-vars <vars>', 'variables: key=value, YAML, JSON or @file (repeatable)', collect)
    .option('--vault-password-file <file>', 'decrypts vaulted values; "id@file" for one vault id (repeatable)', collect)
    .option('--root <dir>', 'an unpacked image instead of a host')
    .option('--recording <file>', 'a host recorded by "facts --record" (repeatable)', collect);

const tags = (value: string, earlier: readonly string[] = []): readonly string[] => [
  ...earlier,
  ...value.split(',').filter((tag) => tag !== ''),
];

const takeOver = (value: string): readonly string[] => {
  if (value === 'tuned') return [value];
  throw new InvalidArgumentError('It must be tuned.');
};

/** Adds the options that say what hosts shall be. */
export const addRecipeOptions = (command: Command): Command =>
  command
    .option('-w, --workload <name>', 'throughput, latency, connections, forwarding, kernel-bypass or balanced')
    .option('-r, --recipe <recipe>', "one of linerate's recipes by its name, or a file: ./mine.ts (default: tune only)")
    .option(
      '-p, --parameter <name=value>',
      'a parameter of the recipe (repeatable; the value is read as YAML)',
      collect,
    )
    .option('-t, --tags <phases>', 'only these phases of the recipe, by commas', tags)
    .option('--take-over <program>', 'stop and disable what fights for the same settings: tuned', takeOver);
