import {writeFileSync} from 'node:fs';
import path from 'node:path';
import {linerate, temporaryFolder, type CliAnswer} from '../cli.ts';
import type {Machine} from './machine.ts';

const RECIPE = `import {bound, defineRecipe, functionsOf, v} from 'linerate';

export const recipe = defineRecipe({
  summary: 'Gives NICs to a driver.',
  parameters: v.strictObject({nics: v.array(v.string()), driver: v.string()}),
  phases: [
    {
      name: 'devices',
      desired: ({facts, parameters: {nics, driver}}) =>
        functionsOf(facts, nics).map(({address}) => bound(address, driver, {why: 'a test'})),
    },
  ],
});
`;

/** A machine whose NICs are given to drivers by the command line, as a user would do it. */
export type BindingMachine = {
  /** `apply`, `verify` or `diff` of one NIC's driver. */
  bind(verb: string, nic: string, driver: string, ...words: readonly string[]): Promise<CliAnswer>;
  /** Any other command on the machine. */
  linerate(verb: string, ...words: readonly string[]): Promise<CliAnswer>;
  /** What a shell command says on the machine, without white space around it. */
  say(command: string): Promise<string>;
  /** The PCI address of an interface. */
  addressOf(nic: string): Promise<string>;
  /** The name of the driver that holds a PCI function. */
  driverOf(address: string): Promise<string>;
};

export const bindingMachine = (machine: Machine): BindingMachine => {
  const folder = temporaryFolder();
  const [inventory, recipe] = [path.join(folder, 'machine.ini'), path.join(folder, 'binding.ts')];
  writeFileSync(recipe, RECIPE);
  writeFileSync(inventory, `machine ansible_ssh_common_args='-F ${machine.sshConfigPath}'\n`);
  const run: BindingMachine['linerate'] = async (verb, ...words) => linerate([verb, '-i', inventory, ...words]);
  const say: BindingMachine['say'] = async (command) => (await machine.run(command)).stdout.trim();
  return {
    linerate: run,
    bind: async (verb, nic, driver, ...words) =>
      run(verb, '-r', recipe, '-p', `nics=['${nic}']`, '-p', `driver=${driver}`, ...words),
    say,
    addressOf: async (nic) =>
      say(`d=$(readlink -f /sys/class/net/${nic}/device); basename "$(echo "$d" | sed 's,/virtio[0-9]*$,,')"`),
    driverOf: async (address) => say(`basename "$(readlink /sys/bus/pci/devices/${address}/driver)"`),
  };
};
