import test from 'ava';
import {parseFacts, type Facts} from '../../../engine/facts/facts.ts';
import type {Nic} from '../../../engine/facts/nic.ts';
import {type Frames, parseFrames} from '../../../engine/facts/frames.ts';
import {scrub} from '../../../engine/facts/scrub.ts';
import {parseCpuList} from '../../../engine/model/cpulist.ts';
import type {Plan} from '../../../engine/model/setting.ts';
import {planSentences} from '../../../engine/plan/sentences.ts';
import {appliedLive, madeLasting, unsteady} from '../../support/applied.ts';
import {onlineOn, topologyOf} from '../../support/generated/cpus.ts';
import {
  answerOf,
  expectedSentences,
  factsOf,
  framesOf,
  hostNames,
  planOf,
  specOf,
} from '../../support/generated/fixtures.ts';
import {listOf, maskOf, numbersIn} from '../../support/generated/tree.ts';
import {WORKLOADS} from '../../support/rendered-sheets.ts';
import {nicSettings, queueCpus, unevenness} from '../../support/generated/laws.ts';

/** Also a VMBus device's path ends in an address: its GUID is made of the MAC. */
const withoutAddresses = (nic: Nic): object => ({
  ...nic,
  mac: '',
  permanentMac: '',
  devicePath: nic.devicePath?.replace(/[\da-f]+(?:-[\da-f]+){4}$/, ''),
});

for (const name of hostNames()) {
  const facts = factsOf(name);
  const plan = planOf(name, facts);

  test(`${name}: the plan says what a person expects`, (t) => {
    t.deepEqual(planSentences(plan, facts.cpu), expectedSentences(name));
  });

  test(`${name}: planning is repeatable, and a plan is plain JSON`, (t) => {
    t.deepEqual(planOf(name, facts), plan);
    t.deepEqual(JSON.parse(JSON.stringify(plan)), plan);
  });

  test(`${name}: queue interrupts go to usable CPUs near their NIC, one more or less on each`, (t) => {
    const usable = facts.cpu.online.filter((cpu) => !facts.cpu.isolated.includes(cpu));
    t.true(usable.length > 0);
    for (const nic of facts.nics) {
      const cpus = queueCpus(plan, nic.name);
      const node = facts.numa.nodes.find((candidate) => candidate.node === nic.pci?.numaNode);
      const own = usable.filter((cpu) => node?.cpus.includes(cpu));
      // A node that is unknown, or has no usable CPU, leaves the others.
      const near = own.length === 0 ? usable : own;
      t.deepEqual(
        cpus.filter((cpu) => !near.includes(cpu)),
        [],
        nic.name,
      );
      t.true(unevenness(cpus, near) <= 1, nic.name);
    }
  });

  test(`${name}: no NIC is asked for more than it has`, (t) => {
    t.is(plan.settings.filter(({want}) => want === '').length, 0);
    for (const nic of facts.nics) {
      const rings = 'unknown' in nic.rings ? undefined : nic.rings.max;
      const channels = 'unknown' in nic.channels ? undefined : nic.channels.max;
      for (const [address, want] of nicSettings(plan, nic.name)) {
        if (address === 'ring.rx') t.true(Number(want) <= (rings?.rx ?? 0));
        if (address === 'ring.tx') t.true(Number(want) <= (rings?.tx ?? 0));
        if (address === 'channels.combined') t.true(Number(want) >= 1 && Number(want) <= (channels?.combined ?? 0));
      }
    }
  });

  test(`${name}: no ceiling is lowered`, (t) => {
    const ceilings =
      /^sysctl (?:net\/core\/(?:[rw]mem_max|somaxconn)|net\/netfilter\/nf_conntrack_max|fs\/nr_open|net\/ipv4\/tcp_max_\w+)$/;
    const lowered = plan.settings.filter(
      ({id, live, want}) =>
        ceilings.test(id) && typeof live === 'object' && 'value' in live && Number(want) < Number(live.value),
    );
    t.deepEqual(lowered, []);
  });

  test(`${name}: once any workload's plan is applied, the counters rest and the host is rebooted, its plan is the same`, (t) => {
    for (const workload of WORKLOADS) {
      const planNow = (now: Facts): Plan => planOf(name, now, workload);
      const first = planNow(facts);
      const live = appliedLive(facts, planNow);
      t.deepEqual(unsteady(first, planNow(live.facts), 'live', live.refused), [], workload);
      const lasting = madeLasting(live, first, framesOf(name), planNow);
      t.deepEqual(unsteady(first, planNow(lasting.facts), 'lasting', lasting.refused), [], workload);
    }
  });

  test(`${name}: a recording shows the same machine and asks for the same changes`, (t) => {
    const {text, token} = answerOf(name);
    const scrubbed = parseFacts(parseFrames(scrub(text, token), token));
    const {network: scrubbedNetwork, nics: scrubbedNics, os: scrubbedOs, ...seen} = scrubbed;
    const {network, nics, os, ...same} = facts;
    t.deepEqual(seen, same);
    t.deepEqual(scrubbedNics.map(withoutAddresses), nics.map(withoutAddresses));
    t.is(scrubbedNetwork.routes.length, network.routes.length);
    t.is(scrubbedOs.kernel, os.kernel);
    t.deepEqual(
      planSentences(planOf(name, scrubbed), facts.cpu),
      planSentences(plan, facts.cpu).map((sentence) =>
        sentence.replace(`probed as ${os.user.name},`, 'probed as user,'),
      ),
    );
  });

  const spec = specOf(name);
  if (spec === undefined) continue;
  const topology = topologyOf(spec);

  test(`${name}: the facts are what the machine was made with`, (t) => {
    t.deepEqual(facts.cpu.online, topology.online);
    t.deepEqual(facts.cpu.isolated, numbersIn(spec.cpu.isolated));
    t.is(facts.cpu.possible.length, topology.possible);
    t.deepEqual(
      facts.numa.nodes.map(({node, cpus, memoryKb}) => [node, listOf(cpus), memoryKb]),
      topology.nodes.map(({node, memoryGb}) => [node, listOf(onlineOn(topology, node)), memoryGb * 1_048_576]),
    );
    for (const thread of facts.cpu.threads.filter(({online}) => online)) {
      const made = topology.threads.find(({cpu}) => cpu === thread.cpu);
      const siblings = topology.threads.filter(({socket, core}) => socket === made?.socket && core === made.core);
      t.is(thread.socket, made?.socket ?? -1);
      t.deepEqual(
        thread.siblings,
        topology.online.filter((cpu) => siblings.some((sibling) => sibling.cpu === cpu)),
      );
    }
    t.is(facts.os.kernel, spec.kernel);
    t.deepEqual(facts.os.user, {uid: spec.user[0], name: spec.user[1]});
  });

  test(`${name}: the NICs are what the machine was made with`, (t) => {
    t.deepEqual(
      facts.nics
        .filter(({pci}) => pci !== undefined)
        .map((nic) => nic.name)
        .toSorted(),
      spec.nics.flatMap((made) => (made.pci === '' ? [] : [made.name])).toSorted(),
    );
    for (const made of spec.nics) {
      const nic = facts.nics.find((candidate) => candidate.name === made.name);
      const [rx, maxRx, tx, maxTx] = made.rings;
      t.is(nic?.driver, made.driver);
      t.is(nic?.pci?.address ?? '', made.pci);
      if (made.pci !== '') t.is(nic?.pci?.numaNode, made.numaNode);
      t.is(nic?.mtu, made.mtu);
      t.is(nic?.speedMbps, made.speed);
      t.deepEqual(nic?.rings, {now: {rx, tx}, max: {rx: maxRx, tx: maxTx}});
      // What old builds cannot tell from 0 comes on top.
      if (Object.keys(made.coalesce).length > 0) t.like(nic?.coalesce, made.coalesce);
      t.is(nic?.rxQueues.length, made.queues);
      const queues =
        nic?.irqs.flatMap((irq) => (irq.role === 'rx' || irq.role === 'rx-tx' ? (irq.queue ?? []) : [])) ?? [];
      // VMBus channels have no interrupts.
      const expected = numbersIn(`0-${String(made.queues - 1)}`);
      t.deepEqual(
        queues.toSorted((a, b) => a - b),
        made.pci === '' ? [] : expected,
      );
      if ('unknown' in (nic?.rss ?? {})) continue;
      t.deepEqual(
        new Set(nic && 'slots' in nic.rss ? nic.rss.slots : []),
        new Set(expected.slice(0, made.rssQueues ?? made.queues)),
      );
    }
  });

  test(`${name}: masks are as wide as the kernel prints its own`, (t) => {
    for (const {id, want} of plan.settings) {
      if (!/^queue \S+ [rt]x-\d+ (?:rps|xps)$/.test(id)) continue;
      const cpus = topology.online.filter((cpu) => {
        const groups = want.split(',').toReversed();
        return ((Number.parseInt(groups[Math.floor(cpu / 32)] ?? '0', 16) >>> (cpu % 32)) & 1) === 1;
      });
      t.is(want, maskOf(cpus, topology.possible), id);
    }
    t.true(
      plan.settings.filter(({id}) => id.startsWith('irq ')).every(({want}) => (parseCpuList(want) ?? []).length > 0),
    );
  });
}

/** What a host shows of NICs, CPUs, nodes and vectors, without numbers and names. */
const shapesOf = (frames: Frames): ReadonlySet<string> => {
  const names = new Set(frames.lists.get('/sys/class/net'));
  const shape = (path: string): string =>
    path
      .replaceAll('/..', '')
      .split(/(?=[/ ])/)
      .map((part) => (names.has(part.slice(1)) ? `${part[0] ?? ''}NIC` : part.replaceAll(/\d+/g, 'N')))
      .join('');
  const paths = [...frames.files.keys(), ...frames.links.keys(), ...frames.lists.keys()];
  const hardware = paths.filter((path) =>
    /^\/(?:sys\/class\/net|sys\/devices\/system|sys\/kernel|sys\/bus|proc\/irq|first|last)\b/.test(path),
  );
  return new Set([...hardware, ...frames.runs.keys()].map(shape));
};

test('generated hosts show whatever a recorded machine shows of its hardware', (t) => {
  const generated = new Set(
    hostNames().flatMap((name) => (specOf(name) === undefined ? [] : [...shapesOf(framesOf(name))])),
  );
  const missing = [...shapesOf(framesOf('qemu-two-nodes'))].filter((shape) => !generated.has(shape));
  t.deepEqual(missing, []);
});

test('the fixtures hold the shapes that planners get wrong', (t) => {
  t.true(hostNames().length >= 12);
  const specs = hostNames().flatMap((name) => specOf(name) ?? []);
  t.true(specs.some(({cpu}) => cpu.sockets * cpu.cores * cpu.threads === 512));
  t.true(specs.some(({cpu}) => cpu.efficiencyCores > 0));
  t.true(specs.some(({cpu}) => cpu.offline !== '' && cpu.isolated !== ''));
  t.true(specs.some(({nics}) => nics.length === 16 && nics.every(({queues}) => queues === 64)));
});
