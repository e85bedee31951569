import type {Services} from '../../engine/facts/services.ts';
import {services} from '../../engine/facts/services.ts';
import type {Facts} from '../../engine/facts/facts.ts';
import {nic} from '../../engine/resources/nic.ts';
import {exampleFacts, exampleNic} from './facts.ts';
import {probeInNamespace} from './namespace-probe.ts';
import {plantTree} from './text-tree.ts';

/** Facts of a host with eth0 (ice) and eth1 (ena) whose files are these: read by the probe, as from a real host. */
export const hostWithFiles = (tree: string, states: Services['services'] = []): Facts => {
  const found = services.parse(probeInNamespace([services], {prepare: plantTree(tree), root: '/mnt'}));
  return exampleFacts({
    nics: [
      exampleNic({name: 'eth0', mac: '02:00:00:00:00:01'}),
      exampleNic({name: 'eth1', mac: '02:00:00:00:00:02', permanentMac: '02:00:00:00:00:02', driver: 'ena'}),
    ],
    services: {services: states, files: found.files},
  });
};

/** What each of these settings (`eth0 ring.rx`) will hold after a reboot, and which line says so: `4096 /etc/x:3`; `-` where none does. */
export const bootLines = (facts: Facts, settings: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(
    settings.map((setting) => {
      const {held, by = ''} = nic.boot(facts, setting);
      const told = typeof held === 'object' && 'value' in held && by.startsWith('/');
      return [setting, told ? `${held.value} ${by}` : '-'];
    }),
  );
