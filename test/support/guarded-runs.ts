import {setTimeout as pause} from 'node:timers/promises';
import {carryOut, type CarryOutOptions} from '../../engine/effects/apply/carry-out.ts';
import type {Mismatch, RunOutcome} from '../../engine/effects/apply/outcome.ts';
import type {Change, Step} from '../../engine/model/change.ts';
import type {Target} from '../../engine/model/target.ts';
import {numberedChanges, type RunSpec} from '../../engine/plan/run/spec.ts';
import {runOn} from './lab/runs.ts';

let runs = 0;

/** A window that a cut-off host's run waits for in vain. */
export const SHORT = {confirm: 3, step: 20, settle: 4, most: 120};

/** A run with time enough for a confirmation, however busy the machine is. */
export const runOf = (run: Partial<RunSpec>): RunSpec => {
  runs += 1;
  return {
    id: `20261120T10${String(runs).padStart(4, '0')}Z-${String(process.pid)}`,
    host: 'lab',
    by: 'tester@controller',
    at: '2026-11-20T10:00:00Z',
    digest: 'd1',
    changes: [],
    lasting: [],
    times: {confirm: 60, step: 60, settle: 4, most: 120},
    ...run,
  };
};

const change = (id: string, steps: readonly Step[], undo: readonly Step[]): Change => ({
  id,
  layer: 'live',
  before: 'before',
  after: 'after',
  effect: 'live',
  why: 'a test',
  steps,
  undo,
});

/** Programs instead of a kind's own steps: each of them shell text. */
export const commandChange = (id: string, does: string, undoes: string, nic?: string): Change => ({
  ...change(id, [{do: 'run', argv: ['sh', '-ec', does]}], [{do: 'run', argv: ['sh', '-ec', undoes]}]),
  ...(nic !== undefined && {nic}),
});

export const sysctlChange = (key: string, before: string, after: string): Change => ({
  ...change(
    `sysctl ${key}`,
    [{do: 'write', path: `/proc/sys/${key}`, text: after}],
    [{do: 'write', path: `/proc/sys/${key}`, text: before}],
  ),
  before,
  after,
});

export const fileChange = (path: string, text: string, mode = 0o644): Change => ({
  ...change(`file ${path}`, [{do: 'put', path, text, mode}], []),
  layer: 'boot',
});

/** Values that every host of the lab has of its own, and none of them the kernel's default. */
export const PLAIN = [
  sysctlChange('net/core/somaxconn', '4096', '5001'),
  sysctlChange('net/ipv4/tcp_keepalive_time', '7200', '601'),
];

/** Reads the sysctls back over the connection it is given, and nothing else. */
export const readsBack =
  (run: RunSpec): CarryOutOptions['verify'] =>
  async (connection) => {
    const mismatches: Mismatch[] = [];
    for (const {id, after} of numberedChanges(run).filter((each) => each.id.startsWith('sysctl '))) {
      const {stdout} = await connection.run(`cat /proc/sys/${id.slice('sysctl '.length)}`);
      if (stdout.trim() !== after) mismatches.push({id, want: after, found: stdout.trim()});
    }
    return mismatches;
  };

/** Carries a run out as an apply does. */
export const carry = (target: Target, run: RunSpec, options: Partial<CarryOutOptions> = {}): Promise<RunOutcome> =>
  carryOut(target, run, {verify: readsBack(run), ...options});

// The count of connections is the one key of these that changes on a host that is left alone.
const SNAPSHOT = String.raw`
for tries in 1 2 3 4 5 6 7 8 9 10; do ip -6 address show tentative | grep -q . && sleep 0.5 || break; done
grep -r '' /proc/sys/net 2>/dev/null | grep -v nf_conntrack_count
ip -o link show; ip -o address show; ip route show table all; ip rule show; ip -6 rule show
nft list ruleset
grep -r '' /sys/class/net/eth0/queues 2>/dev/null
find /etc -type d -newer /run/lab/host_key.pub -exec stat -c '%n %a %u:%g' {} + 2>/dev/null | sort
find /etc -type f -newer /run/lab/host_key.pub -exec stat -c '%n %a %u:%g %s %Y' {} + -exec sha256sum {} + 2>/dev/null | sort
ls -a /run/lab
`;

/** All that a run on a lab's host may have changed: its network's sysctls, links, addresses, routes, rules, filters, queues and /etc. */
export const snapshot = async (target: Target): Promise<string> => {
  const {stdout} = await runOn(target, SNAPSHOT);
  // IPv6 addresses and routes that count down.
  return stdout.replaceAll(/ expires \d+sec/g, '').replaceAll(/valid_lft \S+ preferred_lft \S+/g, '');
};

/** What differs between two snapshots; empty when nothing does. */
export const differences = (before: string, after: string): readonly string[] => {
  const [old, young] = [before.split('\n'), after.split('\n')];
  return [
    ...old.filter((line) => !young.includes(line)).map((line) => `- ${line}`),
    ...young.filter((line) => !old.includes(line)).map((line) => `+ ${line}`),
  ];
};

/** What the host itself says of a run once it is over; its folder, and its log. */
export const hostsWord = async (target: Target, run: RunSpec): Promise<{state: string; log: string}> => {
  const read = `for D in /run/linerate/${run.id} /var/lib/linerate/runs/${run.id}; do
    [ ! -e $D/state ] || { cat $D/state; cat $D/log; exit; }
  done; echo none`;
  const {stdout} = await runOn(target, read);
  const [state = '', ...log] = stdout.split('\n');
  return {state, log: log.join('\n')};
};

/** Waits until the host says that the run has come to its end, without anything that could help it to. */
export const overOnHost = async (target: Target, run: RunSpec): Promise<string> => {
  for (let tries = 0; tries < 60; tries += 1) {
    const word = await hostsWord(target, run).catch(() => ({state: 'unreachable', log: ''}));
    if (/^(?:confirmed|unpersisted|undone|undo-failed)$/.test(word.state)) return word.state;
    await pause(500);
  }
  throw new Error(`run ${run.id} did not come to its end on the host`);
};
