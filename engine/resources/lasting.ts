import type {Facts} from '../facts/facts.ts';
import {moduleOfKey} from '../facts/sysctls.ts';
import type {Lasting} from '../model/change.ts';
import {heldDriver} from './driver.ts';
import {holdKey} from './hold.ts';
import {parseMount} from './mount-value.ts';
import {unitOf} from './service-read.ts';

type Contribution = (facts: Facts, rest: string, want: string) => Lasting | undefined;

// Lines of the hold file are cut into words by a shell: nothing that a shell takes for more than a word may stand there.
const PLAIN = /^[\w.,:+-]+(?: [\w.,:+-]+)*$/;
const PLAIN_KEY = /^[\w.,:%@+-]+(?: [\w.,:%@+-]+)*$/;

const held =
  (kind: string): Contribution =>
  (facts, rest, want) => {
    const found = holdKey(facts, `${kind} ${rest}`);
    if (!found || !PLAIN.test(want) || !PLAIN_KEY.test(found.key)) return undefined;
    return found.nic === undefined
      ? {to: 'host', key: found.key, value: want}
      : {to: 'nic', nic: found.nic.name, key: found.key, value: want};
  };

const driver: Contribution = (facts, address, want) => {
  const found = heldDriver(facts, address, want);
  return found && PLAIN.test(found.value) ? {to: 'host', ...found} : undefined;
};

const sysctl: Contribution = (facts, key, value) => {
  const module = moduleOfKey(key);
  return {
    to: 'sysctl',
    key,
    value,
    ...(module !== undefined && facts.modules.loaded.includes(module) ? {module} : {}),
  };
};

const moduleOption: Contribution = (_facts, rest, value) => {
  const [module = '', option = ''] = rest.split(' ');
  return {to: 'module-option', module: module.replaceAll('-', '_'), option, value};
};

const mount: Contribution = (_facts, path, want) => {
  const value = parseMount(want);
  return value && {to: 'mount', path, ...value};
};

const service: Contribution = (_facts, rest, want) => {
  const [name = '', ban] = rest.split(' ban.');
  return ban === undefined
    ? {to: 'service', name: unitOf(name), enabled: want === 'running'}
    : {to: 'irqbalance', module: ban, banned: want === 'banned'};
};

/** Where each kind's values go so that they hold after a reboot. */
export const LASTING: Readonly<Record<string, Contribution>> = {
  sysctl,
  cpu: held('cpu'),
  thp: held('thp'),
  hugepages: held('hugepages'),
  nic: held('nic'),
  rss: held('rss'),
  irq: held('irq'),
  queue: held('queue'),
  limit: (_facts, item, value) => ({to: 'limit', item, value}),
  mount,
  module: moduleOption,
  boot: (_facts, name, value) => ({to: 'kernel-argument', name, value}),
  kernel: (_facts, rest, want) => (rest === 'default' ? {to: 'kernel', release: want} : {to: 'kernel-updates'}),
  service,
  driver,
};
