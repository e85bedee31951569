import test from 'ava';
import type {Facts} from '../../../../engine/facts/facts.ts';
import {nodeOfNic, workerCpus} from '../../../../engine/plan/recipe/placement.ts';
import {factsOf} from '../../../support/generated/fixtures.ts';

const nodeOf = (facts: Facts, cpu: number): number | undefined =>
  facts.cpu.threads.find((thread) => thread.cpu === cpu)?.node;

test('workers stay on the node of the NIC that is named', (t) => {
  const facts = factsOf('mlx5-100g');
  const nic = facts.nics.find(({pci}) => (pci?.numaNode ?? -1) > 0);
  if (nic === undefined) throw new Error('a NIC away from node 0 is needed');
  const node = nodeOfNic(facts, nic.name);
  t.is(node, nic.pci?.numaNode);
  const cpus = workerCpus(facts, {near: nic.name});
  t.true(cpus.length > 0 && cpus.length < facts.cpu.online.length);
  t.true(cpus.every((cpu) => nodeOf(facts, cpu) === node));
});

test('each core gets a worker before any core gets two; a worker a core where that is asked for', (t) => {
  const facts = factsOf('mlx5-100g');
  const cores = new Set(facts.cpu.threads.map(({siblings}) => siblings[0])).size;
  t.true(cores < facts.cpu.online.length, 'the host has threads');
  const all = workerCpus(facts);
  t.deepEqual(
    [...all].sort((a, b) => a - b),
    facts.cpu.online,
  );
  const first = all.slice(0, cores).map((cpu) => facts.cpu.threads.find((thread) => thread.cpu === cpu)?.siblings[0]);
  t.is(new Set(first).size, cores);
  t.deepEqual(workerCpus(facts, {coresOnly: true}), all.slice(0, cores));
});

test('isolated CPUs are left alone; CPUs that are named are taken as they are; a NIC without a node means no node', (t) => {
  const whole = factsOf('mlx5-100g');
  const facts = {...whole, cpu: {...whole.cpu, isolated: [1, 2]}};
  t.is(workerCpus(facts).length, whole.cpu.online.length - 2);
  t.false(workerCpus(facts).some((cpu) => facts.cpu.isolated.includes(cpu)));
  t.deepEqual(workerCpus(facts, {cpus: [3, 1]}), [3, 1]);
  t.is(nodeOfNic(facts, 'none'), undefined);
  t.deepEqual(workerCpus(facts, {near: 'none'}), workerCpus(facts));
});
