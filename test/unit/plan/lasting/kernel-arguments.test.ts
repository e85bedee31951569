import test from 'ava';
import fc from 'fast-check';
import type {Facts} from '../../../../engine/facts/facts.ts';
import type {Setting} from '../../../../engine/model/setting.ts';
import {argumentWords, commandLineWith, type Argument} from '../../../../engine/plan/lasting/argument-words.ts';
import {lastingChanges, type LastingChanges} from '../../../../engine/plan/lasting/lasting-changes.ts';
import {exampleFacts} from '../../../support/facts.ts';
import {TEMPLATES, textAt} from '../../../support/lasting.ts';

const wanted = (name: string, want: string): Setting => ({
  id: `boot ${name}`,
  live: 'absent',
  boot: {held: 'absent'},
  want,
  pending: ['live', 'boot'],
  why: 'it is wanted',
  source: 'a test',
  from: {layer: 'workload', at: 'a test'},
  effect: 'reboot',
  undo: 'reboot',
});

const FACTS = exampleFacts();

const withLoader = (loader: Facts['boot']['loader'], id: string, idLike: readonly string[] = []): Facts => ({
  ...FACTS,
  os: {...FACTS.os, id, idLike},
  boot: {...FACTS.boot, loader, nextCommandLine: 'root=/dev/sda1 ro isolcpus=1 quiet'},
});

const lasting = (facts: Facts, settings: readonly Setting[], allowIrreversible = true): LastingChanges =>
  lastingChanges(facts, {settings}, TEMPLATES, {allowIrreversible});

const commands = ({changes}: LastingChanges, which: 'steps' | 'undo'): readonly string[] =>
  changes.flatMap((change) => change[which].flatMap((step) => (step.do === 'run' ? [step.argv.join(' ')] : [])));

test('without the permission, a kernel argument is refused and nothing is written', (t) => {
  const {changes, blocks} = lasting(FACTS, [wanted('isolcpus', '2-3')], false);
  t.deepEqual(changes, []);
  t.deepEqual(blocks, [
    {
      id: 'boot isolcpus',
      reason: 'a kernel argument can keep the host from booting, and takes another reboot to undo',
      hint: '--reboot tries it in a one-shot boot',
    },
  ]);
});

test('what the boot that runs has tried and kept is written without another trial, and not while it is on trial', (t) => {
  const [isolcpus] = [{...wanted('isolcpus', '2-3'), pending: ['boot'] as const}];
  const own = (enabled: readonly string[]): Facts => ({
    ...FACTS,
    boot: {...FACTS.boot, commandLine: 'root=/dev/sda1 isolcpus=2-3 linerate.trial=20261120T092600Z-3f9a1c-3'},
    services: {services: [], files: [], own: {texts: {}, enabled, mounts: []}},
  });
  t.is(lasting(own([]), [isolcpus], false).changes.length, 1);
  t.is(lasting(own(['linerate-trial.service']), [isolcpus], false).blocks.length, 1);
  t.is(lasting(own([]), [wanted('isolcpus', '2-3')], false).blocks.length, 1, 'another value was not tried');
});

test('Debian: a drop-in that sorts behind the cloud image’s, and update-grub there and back', (t) => {
  const made = lasting(withLoader('grub', 'debian'), [wanted('isolcpus', '2-3'), wanted('nosmt', 'present')]);
  t.regex(textAt(made.changes, '/etc/default/grub.d/zz-linerate.cfg') ?? '', /' isolcpus=2-3 nosmt'\n$/);
  t.deepEqual(commands(made, 'steps'), ['update-grub']);
  t.deepEqual(commands(made, 'undo'), ['update-grub']);
  t.deepEqual(
    made.changes.map(({effect, carries}) => [effect, carries]),
    [['reboot', ['boot isolcpus', 'boot nosmt']]],
  );
});

test('RHEL and Amazon Linux: grubby, which puts back the very words that were there', (t) => {
  for (const [id, idLike, loader] of [
    ['rocky', ['rhel', 'centos', 'fedora'], 'bls'],
    ['amzn', ['fedora'], 'bls'],
    ['rhel', ['fedora'], 'grub'],
  ] as const) {
    const made = lasting(withLoader(loader, id, idLike), [wanted('isolcpus', '2-3')]);
    t.deepEqual(commands(made, 'steps'), [
      'grubby --update-kernel=ALL --remove-args=isolcpus',
      'grubby --update-kernel=ALL --args=isolcpus=2-3',
    ]);
    t.deepEqual(commands(made, 'undo'), [
      'grubby --update-kernel=ALL --remove-args=isolcpus',
      'grubby --update-kernel=ALL --args=isolcpus=1',
    ]);
  }
});

test('systemd-boot: the whole command line, and every kernel’s entry made of it', (t) => {
  const made = lasting(withLoader('systemd-boot', 'arch'), [wanted('isolcpus', '2-3')]);
  t.is(textAt(made.changes, '/etc/kernel/cmdline'), 'root=/dev/sda1 ro quiet isolcpus=2-3\n');
  t.true(commands(made, 'steps').some((command) => command.includes('kernel-install add "$version" "$image"')));
});

test('what no boot loader takes, and boot loaders that nobody here knows, are refused', (t) => {
  t.deepEqual(
    lasting(FACTS, [wanted('isolcpus', '$(reboot)')]).blocks.map(({reason}) => reason),
    ['the value holds characters that boot loaders do not take as they are'],
  );
  t.deepEqual(
    lasting(withLoader('grub', 'opensuse', ['suse']), [wanted('isolcpus', '2-3')]).blocks.map(({hint}) => hint),
    ['set it by hand where the boot loader is configured'],
  );
  const init = {...FACTS, boot: {...FACTS.boot, nextCommandLine: 'ro quiet -- single'}};
  t.regex(lasting(init, [wanted('isolcpus', '2-3')]).blocks[0]?.reason ?? '', /goes to init too$/);
  const closed = {...FACTS, boot: {...FACTS.boot, nextCommandLine: {unknown: 'Permission denied'}}};
  t.deepEqual(
    lasting(closed, [wanted('isolcpus', '2-3')]).blocks.map(({hint}) => hint),
    ['run as root'],
  );
});

/** What a kernel would reserve: hugepages_setup and hugepagesz_setup of mm/hugetlb.c, told anew. */
const reserved = (line: string): Readonly<Record<string, string>> => {
  const words = line.split(' ').map((word) => word.split('='));
  let size = words.findLast(([name]) => name === 'default_hugepagesz')?.[1] ?? '2M';
  const pools: Record<string, string> = {};
  for (const [name, value = ''] of words) {
    if (name === 'hugepagesz') size = value;
    if (name === 'hugepages') pools[size] = value;
  }
  return pools;
};

const size = fc.constantFrom('2M', '1G', '64K');
const count = fc.integer({min: 1, max: 9}).map(String);
const others = fc.constantFrom('ro', 'quiet', 'console=ttyS0,115200', 'root=/dev/sda1');
const pool = fc.tuple(size, count).map(([bytes, pages]) => `hugepagesz=${bytes} hugepages=${pages}`);
const line = fc
  .tuple(fc.option(count), fc.array(fc.oneof(others, pool), {maxLength: 5}))
  .map(([bare, words]) => [...(bare === null ? [] : [`hugepages=${bare}`]), ...words].join(' '));

test('huge pages are one block: the wanted pool as asked, all others as the line had them', (t) => {
  fc.assert(
    fc.property(line, size, count, fc.boolean(), (before, bytes, pages, isDefault) => {
      const asked: readonly Argument[] = [
        ...(isDefault ? [{name: 'default_hugepagesz', value: bytes}] : []),
        {name: 'hugepages', value: pages},
        {name: 'hugepagesz', value: bytes},
      ];
      const after = commandLineWith(before, argumentWords(before, asked));
      t.deepEqual(reserved(after), {...reserved(before), [bytes]: pages}, `${before} -> ${after}`);
      const rest = (text: string): readonly string[] =>
        text.split(' ').filter((word) => word !== '' && !word.includes('hugepages'));
      t.deepEqual(rest(after), rest(before));
      t.is(commandLineWith(after, argumentWords(after, asked)), after, 'once more changes nothing');
    }),
  );
});

test('another default size alone leaves every pool as it was', (t) => {
  fc.assert(
    fc.property(line, size, (before, bytes) => {
      const after = commandLineWith(before, argumentWords(before, [{name: 'default_hugepagesz', value: bytes}]));
      t.deepEqual(reserved(after), reserved(before));
    }),
  );
});
