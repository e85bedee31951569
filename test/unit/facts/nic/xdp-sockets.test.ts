import {fileURLToPath} from 'node:url';
import test from 'ava';
import {nics} from '../../../../engine/facts/nic-facts.ts';
import {xdpSocketsOf} from '../../../../engine/facts/nic-xdp.ts';
import {disruptionOf} from '../../../../engine/plan/disruption.ts';
import type {Setting} from '../../../../engine/model/setting.ts';
import {exampleFacts, exampleNic} from '../../../support/facts.ts';
import {framesOf} from '../../../support/host-frames.ts';
import {probeInNamespace} from '../../../support/namespace-probe.ts';

const HOLDER = fileURLToPath(new URL('../../../support/xdp-socket.py', import.meta.url));
const PREPARE = 'ip link add eth0 type veth peer name eth1; ip link set eth0 up; ip link set eth1 up';

test('without an AF_XDP socket ss is not asked, as its question may load a module', (t) => {
  const frames = probeInNamespace([nics], {prepare: PREPARE});
  t.false(frames.runs.has('ss --xdp') || frames.runs.has('xdp sockets'));
  t.true(nics.parse(frames).every((nic) => !('xdpSockets' in nic)));
});

test('a real AF_XDP socket is counted, whether or not this kernel tells ss where it is', (t) => {
  const frames = probeInNamespace([nics], {prepare: PREPARE, shell: `python3 ${HOLDER} eth0 sh`});
  t.is(frames.runs.get('xdp sockets')?.output, '1');
  t.true(frames.runs.has('ss --xdp'));
  const told = xdpSocketsOf(frames);
  const answer = frames.runs.get('ss --xdp')?.output ?? '';
  const nowhere = {unknown: 'AF_XDP sockets are open (1), and ss does not tell on which interfaces'};
  t.deepEqual(told('eth0', true), answer.includes('eth0:q0') ? [0] : nowhere);
});

const SS = `UNCONN 0      0                ens1f0:q3        *
UNCONN 0      0                ens1f0:q0        *
UNCONN 0      0                ens1f0.100:q1    *`;

test('queues by interface as ss prints them; others have none', (t) => {
  const told = xdpSocketsOf(framesOf({runs: {'xdp sockets': '3', 'ss --xdp': SS}}));
  t.deepEqual(told('ens1f0', true), [0, 3]);
  t.deepEqual(told('ens1f0.100', false), [1]);
  t.is(told('ens1f1', true), undefined);
});

test('where nobody tells, it may be any interface with a device', (t) => {
  const told = xdpSocketsOf(framesOf({runs: {'xdp sockets': '2', 'ss --xdp': {status: 127, output: 'ss: not found'}}}));
  t.deepEqual(told('ens1f0', true), {unknown: 'AF_XDP sockets are open (2), and ss does not tell on which interfaces'});
  t.is(told('br0', false), undefined);
});

test('a NIC that carries AF_XDP sockets is not reset', (t) => {
  const ring: Setting = {
    id: 'nic ens1f0 ring.rx',
    live: {value: '512'},
    boot: {held: 'default'},
    want: '4096',
    pending: ['live'],
    why: 'w',
    source: 's',
    from: {layer: 'workload', at: 'x:1'},
    effect: 'link-flap',
    undo: 'exact',
  };
  const refused = (xdpSockets?: readonly number[] | {unknown: string}): string | undefined =>
    disruptionOf(exampleFacts({nics: [exampleNic(xdpSockets === undefined ? {} : {xdpSockets})]}), ring)?.reason;
  t.is(refused(), undefined);
  t.is(refused([0, 3]), '4096 would reset ens1f0, which carries AF_XDP sockets on queues 0, 3');
  t.is(refused({unknown: 'nobody tells'}), '4096 would reset ens1f0, which may carry AF_XDP sockets (nobody tells)');
});
