import test from 'ava';

import type {Evidence} from '../../../engine/facts/evidence.ts';
import {OWN} from '../../../engine/facts/own-files.ts';
import {sheetView} from '../../../engine/plan/sheet-context.ts';
import {missingFields} from '../../../engine/plan/sheet-fields.ts';
import {exampleFacts, exampleMachine, exampleNic} from '../../support/facts.ts';

const workload = 'throughput';

test('a host without a NIC to render for has none', (t) => {
  t.is(sheetView({facts: exampleFacts(), workload}).nic, null);
});

test('what a NIC does not tell is null', (t) => {
  const nic = exampleNic({rings: {now: {rx: 512}, max: {rx: 4096}}, channels: {unknown: 'Operation not supported'}});
  const view = sheetView({facts: exampleFacts(), workload, nic}).nic;
  t.deepEqual(view?.ring, {rx: {now: 512, max: 4096}, tx: {now: null, max: null}, rxJumbo: {now: null, max: null}});
  t.deepEqual(view?.channels.combined, {now: null, max: null});
});

const drops = (driver: string, nics: Evidence['nics'][string]): string | undefined => {
  const facts = exampleFacts();
  const evidence = {...facts.evidence, nics: {ens1f0: nics}};
  return sheetView({facts: {...facts, evidence}, workload, nic: exampleNic({driver})}).nic?.drops;
};

test('drops for want of descriptors: none, seen since boot, or growing right now', (t) => {
  t.is(drops('ice', {}), 'none');
  t.is(drops('ice', {rx_missed_errors: {first: 0, last: 0}}), 'none');
  t.is(drops('ice', {rx_missed_errors: {first: 7, last: 7}}), 'seen');
  t.is(drops('ice', {rx_missed_errors: {first: 7, last: 7}, rx_fifo_errors: {first: 1, last: 2}}), 'growing');
  t.is(drops('ice', {rx_dropped: {first: 1, last: 2}}), 'none');
  t.is(drops('ena', {rx_dropped: {first: 1, last: 2}}), 'growing');
});

test('cores are counted once, threads apart', (t) => {
  const facts = {
    ...exampleFacts(),
    ...exampleMachine({sockets: 2, coresPerSocket: 8, threadsPerCore: 2, offline: [3]}),
  };
  const {cpu} = sheetView({facts, workload});
  t.is(cpu.online, 31);
  t.is(cpu.cores, 16);
});

test('an old kernel’s even share gives every node what the neediest needs', (t) => {
  const facts = {
    ...exampleFacts(),
    ...exampleMachine({sockets: 2, memoryKb: 64 * 1_048_576}),
    nics: [exampleNic({node: 1})],
  };
  const {hugepages, nodes} = sheetView({facts, workload});
  t.is(nodes, 2);
  t.is(hugepages.total, 1);
  t.is(hugepages.even, 2);
});

test('memory is in whole GiB, at least one', (t) => {
  const gib = (memoryKb: number): number =>
    sheetView({facts: {...exampleFacts(), ...exampleMachine({memoryKb})}, workload}).memory.gib;
  t.is(gib(500_000), 1);
  t.is(gib(16 * 1_048_576 - 300_000), 15);
  t.is(gib(16 * 1_048_576), 16);
});

test('every field of a view can be named in a template', (t) => {
  const view = sheetView({facts: exampleFacts(), workload, nic: exampleNic()});
  const paths = (value: object, before: readonly string[]): string[][] =>
    Object.entries(value).flatMap(([key, inner]: [string, unknown]) => {
      const here = [...before, key];
      const deeper = typeof inner === 'object' && inner !== null && !Array.isArray(inner) && key !== 'sysctls';
      return [here, ...(deeper ? paths(inner, here) : [])];
    });
  for (const parts of paths(view, [])) t.deepEqual(missingFields({type: 'PathExpression', parts}), [], parts.join('.'));
});

test('huge pages of the kernel’s command line are somebody else’s unless linerate’s sheets or its own file ask for them', (t) => {
  const facts = {...exampleFacts(), ...exampleMachine({memoryKb: 64 * 1_048_576})};
  const {perNode, even} = sheetView({facts, workload}).hugepages;
  const atBoot = (commandLine: string, own?: string): boolean =>
    sheetView({
      facts: {
        ...facts,
        boot: {...facts.boot, commandLine},
        services: {
          ...facts.services,
          ...(own === undefined ? {} : {own: {texts: {[OWN.grub]: own}, enabled: [], mounts: []}}),
        },
      },
      workload,
    }).hugepages.atBoot;
  t.false(atBoot('ro quiet default_hugepagesz=1G'));
  t.true(atBoot('ro hugepages=512'));
  t.false(atBoot(`ro hugepages=${perNode}`));
  t.false(atBoot(`ro hugepages=${String(even)}`));
  t.false(atBoot('ro hugepages=512', 'GRUB_CMDLINE_LINUX="$GRUB_CMDLINE_LINUX hugepages=512"\n'));
});
