import test from 'ava';
import type {Facts} from '../../../engine/facts/facts.ts';
import {driverDefault} from '../../../engine/resources/driver-defaults.ts';
import {nic} from '../../../engine/resources/nic.ts';
import {exampleFacts, exampleMachine, exampleNic, type NicShape} from '../../support/facts.ts';

const LRO = 'feature.large-receive-offload';

const held = (attribute: string, shape: NicShape = {}, given: Partial<Facts> = {}): unknown => {
  const one = exampleNic(shape);
  return driverDefault(exampleFacts({nics: [one], ...given}), one, attribute)?.held;
};

test('offloads of every driver are on at boot, and what is [fixed] stays', (t) => {
  t.deepEqual(held('feature.generic-receive-offload'), {value: 'on'});
  t.deepEqual(held(LRO), {value: 'off'});
  t.is(held(LRO, {features: {'large-receive-offload': {on: false, fixed: false}}}), undefined);
});

test('hardware GRO takes the place of LRO on bnxt', (t) => {
  const free = {on: false, fixed: false};
  const features = {'large-receive-offload': free, 'rx-gro-hw': free};
  t.deepEqual(held(LRO, {driver: 'bnxt_en', features}), {value: 'off'});
  t.is(held(LRO, {driver: 'bnxt_en', features: {'large-receive-offload': free}}), undefined);
  t.is(held(LRO, {driver: 'mlx5_core', features}), undefined);
});

test('r8169 comes up without TSO', (t) => {
  t.deepEqual(held('feature.tcp-segmentation-offload', {driver: 'r8169'}), {value: 'off'});
  t.deepEqual(held('feature.generic-segmentation-offload', {driver: 'r8169'}), {value: 'on'});
});

test('a router comes up without LRO, once a file makes it one', (t) => {
  const features = {'large-receive-offload': {on: true, fixed: false}};
  const configured = [
    {key: 'net/ipv4/ip_forward', value: '1', at: '/etc/sysctl.d/50-router.conf:2', ignoreErrors: false},
  ];
  const facts = exampleFacts();
  const router = {...facts.sysctls, configured};
  t.deepEqual(held(LRO, {features}, {sysctls: router}), {value: 'off'});
  t.is(held(LRO, {features}), undefined);
});

test('moderation is dynamic at boot where the driver starts so', (t) => {
  t.deepEqual(held('coalesce.adaptive-rx', {driver: 'mlx5_core'}), {value: 'on'});
  t.is(held('coalesce.adaptive-rx', {driver: 'ena'}), undefined);
  t.is(held('coalesce.rx-usecs', {driver: 'mlx5_core'}), undefined);
});

test('as many channels as CPUs, or as the NIC can have, are the driver’s own choice; another number is not', (t) => {
  const eight = exampleMachine({coresPerSocket: 8});
  t.deepEqual(held('channels.combined', {queues: 8, maxQueues: 64}, eight), {value: '8'});
  t.deepEqual(held('channels.combined', {queues: 4, maxQueues: 4}, eight), {value: '4'});
  t.is(held('channels.combined', {queues: 6, maxQueues: 64}, eight), undefined);
});

test('a file beats the driver', (t) => {
  const text = '[Match]\nOriginalName=ens1f0\n[Link]\nGenericReceiveOffload=no';
  const files = [{path: '/etc/systemd/network/50.link', kind: 'link' as const, text}];
  const facts = exampleFacts({nics: [exampleNic()], services: {services: [], files}});
  t.deepEqual(nic.boot(facts, 'ens1f0 feature.generic-receive-offload').held, {value: 'off'});
});
