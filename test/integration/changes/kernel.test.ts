import test from 'ava';
import {parseChannels} from '../../../engine/facts/ethtool/channels.ts';
import {factScripts, parseFacts, type Facts} from '../../../engine/facts/facts.ts';
import {parseFrames} from '../../../engine/facts/frames.ts';
import {probeScript} from '../../../engine/facts/probe.ts';
import type {Change, Step} from '../../../engine/model/change.ts';
import {shellJoin, shellQuote} from '../../../engine/model/shell.ts';
import {changesOf} from '../../../engine/plan/changes/changes.ts';
import {planHost} from '../../../engine/plan/plan.ts';
import {parsePlanVariables} from '../../../engine/plan/variables.ts';
import {kindOf} from '../../../engine/resources/kinds.ts';
import {splitId} from '../../../engine/resources/lookup.ts';
import {namespaceShell, type NamespaceShell} from '../../support/namespace-shell.ts';
import {exampleSheets} from '../../support/sheets.ts';
import {differences, shown, stepHost} from '../../support/steps/host.ts';

// Without IPv6, whose addresses come when their time has come.
const PREPARE = `echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6
ip link add va numtxqueues 4 numrxqueues 4 type veth peer name vb numtxqueues 4 numrxqueues 4
ip link set va up; ip link set vb up
echo 1 > /sys/class/net/va/queues/rx-3/rps_cpus
echo 64 > /sys/class/net/va/queues/rx-3/rps_flow_cnt
echo 1 > /sys/class/net/va/queues/tx-3/xps_cpus
echo 0 > /proc/sys/net/ipv4/ip_forward
echo 1 > /proc/sys/net/ipv4/conf/vb/forwarding
ethtool -K va tx-tcp6-segmentation off
tc qdisc replace dev va root handle 1: mq
tc qdisc replace dev va parent 1:4 pfifo limit 77
# Without this a veth has no NAPI.
ethtool -K va generic-receive-offload on`;

const SYSCTLS: Readonly<Record<string, string>> = {
  'sysctl net.ipv4.ip_forward': '1',
  'sysctl net.core.somaxconn': '1234',
  'sysctl net.ipv4.tcp_rmem': '4096 65536 1048576',
  'sysctl net.ipv4.ip_unprivileged_port_start': '500',
  'sysctl net.ipv4.ip_local_port_range': '600 60999',
  'sysctl net.ipv4.ipfrag_low_thresh': '5000000',
  'sysctl net.ipv4.ipfrag_high_thresh': '6000000',
};

const DEVICES: Readonly<Record<string, string>> = {
  ...SYSCTLS,
  'nic va channels.rx': '2',
  'nic va channels.tx': '2',
  'nic va mtu': '9000',
  'nic va txqueuelen': '77',
  'nic va feature.tcp-segmentation-offload': 'off',
  'nic va feature.generic-segmentation-offload': 'off',
  'nic va napi_defer_hard_irqs': '2',
  'nic va gro_flush_timeout': '200000',
  'nic va threaded': 'on',
};

const QUEUES: Readonly<Record<string, string>> = {
  'queue va rx-0 rps': '1',
  'queue va rx-1 rfs': '4096',
  'queue va tx-1 xps': '1',
};

const KEYS = Object.keys(SYSCTLS).map((id) => id.slice('sysctl '.length).replaceAll('.', '/'));

/** The namespace's facts; a veth pair stands for a NIC, and tells its channels only when asked. */
const gather = async (shell: NamespaceShell): Promise<Facts> => {
  const token = 'Qx7kernel';
  const facts = parseFacts(
    parseFrames(await shell.run(probeScript(factScripts({sysctls: KEYS}), {token, root: ''})), token),
  );
  const channels = parseChannels(await shell.run('ethtool -l va')) ?? {unknown: 'not told'};
  return {
    ...facts,
    nics: facts.nics.map((nic) => (nic.name === 'va' ? {...nic, kind: 'paravirtual' as const, channels} : nic)),
  };
};

const command = (step: Step): string => {
  if (step.do === 'write')
    return `echo ${shellQuote(step.text)} > ${shellQuote(step.path)} || { echo refused: ${shellQuote(step.text)} ${shellQuote(step.path)}; exit 1; }`;
  if (step.do === 'run') return shellJoin(step.argv);
  if (step.do === 'settle') return `[ "$(cat /sys/class/net/${step.nic}/carrier)" = 1 ]`;
  throw new Error(`no ${step.do} here`);
};

const changesFor = (facts: Facts, wanted: Readonly<Record<string, string>>, phase: 'devices' | 'queues') => {
  const variables = parsePlanVariables({linerate_settings: wanted}, () => 'host_vars/example.yml');
  return changesOf(facts, planHost('example', facts, exampleSheets({}), variables), phase);
};

const unmet = (facts: Facts, changes: readonly Change[]): readonly string[] =>
  changes.flatMap(({id, after}) => {
    const {kind: name, rest} = splitId(id);
    const kind = kindOf(name);
    const live = kind?.live(facts, rest);
    const value = typeof live === 'object' && 'value' in live ? live.value : undefined;
    return value !== undefined && kind?.same(facts, rest, value, after)
      ? []
      : [`${id}: ${String(value)}, not ${after}`];
  });

/** All that the namespace has of its own, not only what facts show. */
const EVERYTHING = `grep -rs . /proc/sys/net /sys/class/net/va/queues || true
ethtool -k va; ethtool -l va; ip -d address; ip route show table all; tc qdisc show dev va | sort`;

const lines = (text: string): readonly string[] => text.trimEnd().split('\n');

// Free memory goes on changing.
const state = (facts: Facts) => shown(stepHost({...facts, numa: {...facts.numa, nodes: []}}));

for (const [phase, wanted] of [
  ['devices', DEVICES],
  ['queues', QUEUES],
] as const) {
  test(`the kernel takes the ${phase}' steps, and after the undo of the first few or of all of them it is as it was`, async (t) => {
    const shell = await namespaceShell();
    t.teardown(() => {
      shell.end();
    });
    await shell.run(PREPARE);
    const facts = await gather(shell);
    const before = state(facts);
    const everything = lines(await shell.run(EVERYTHING));
    t.regex(everything.join('\n'), /rx-3\/rps_flow_cnt:64\n[\s\S]*tx-tcp6-segmentation: off\n[\s\S]* limit 77p\n/);
    const {changes, blocks} = changesFor(facts, wanted, phase);
    t.deepEqual(blocks, []);
    t.deepEqual(
      changes.map(({id}) => id).sort(),
      Object.keys(wanted)
        .map((id) => (id.startsWith('sysctl ') ? id.replaceAll('.', '/') : id))
        .sort(),
    );
    for (const count of [changes.length, Math.ceil(changes.length / 2), 1]) {
      const begun = changes.slice(0, count);
      await shell.run(begun.flatMap(({steps}) => steps.map(command)).join('\n'));
      t.deepEqual(unmet(await gather(shell), begun), []);
      await shell.run(
        begun
          .toReversed()
          .flatMap(({undo}) => undo.map(command))
          .join('\n'),
      );
      t.deepEqual(differences(before, state(await gather(shell))), []);
      t.deepEqual(lines(await shell.run(EVERYTHING)), everything);
    }
  });
}
