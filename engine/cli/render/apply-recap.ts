import {type HostApply} from '../../actions/apply.ts';
import type {HostRollback, RollOut} from '../../actions/roll-out.ts';
import type {Retry} from '../../actions/retry.ts';
import {printable} from '../../model/printable.ts';
import {foldHostNames} from '../../plan/host-names.ts';
import type {Output, Style} from '../output.ts';

type Counts = {ok: number; changed: number; refused: number; unreachable: number; failed: number; rolledBack: number};

const NONE: Counts = {ok: 0, changed: 0, refused: 0, unreachable: 0, failed: 0, rolledBack: 0};

const countsOf = (result: HostApply): Counts => {
  if ('fault' in result) return result.fault.owner === 'unreachable' ? {...NONE, unreachable: 1} : {...NONE, failed: 1};
  const {value} = result;
  const ok = value.plan.settings.filter((setting) => setting.pending.length === 0).length;
  if (value.outcome === 'same') return {...NONE, ok};
  if (value.outcome === 'stale') return {...NONE, ok, refused: 1};
  if (value.outcome === 'done')
    return {
      ...NONE,
      ok,
      changed: value.changed,
      refused: value.blocks.length,
      failed: value.left.length + value.unbegun.length > 0 ? 1 : 0,
    };
  if (value.run.outcome === 'lost') return {...NONE, ok, changed: value.changed, unreachable: 1};
  if (value.run.outcome === 'refused') return {...NONE, ok, changed: value.changed, refused: 1};
  return {...NONE, ok, changed: value.changed, failed: 1, rolledBack: 1};
};

const isBack = (result: HostRollback): boolean =>
  'value' in result &&
  (result.value.outcome === 'same' ||
    result.value.outcome === 'none' ||
    (result.value.outcome === 'done' && result.value.unkept === undefined));

type Told = {counts: Counts; remarks: readonly string[]};

/** A host's counts, with what became of it after its own apply. */
const toldOf = (result: HostApply, {unhealthy, rolledBack}: RollOut): Told => {
  const counts = countsOf(result);
  const isUnhealthy = unhealthy.some(({host}) => host === result.host);
  const back = rolledBack.find(({host}) => host === result.host);
  const remarks = [
    ...(isUnhealthy ? ['unhealthy'] : []),
    ...(result.drained ? ['may still be out of service'] : []),
    ...(back && !isBack(back) ? ['NOT rolled back'] : []),
  ];
  return {
    counts: {
      ...counts,
      failed: remarks.length > 0 ? 1 : counts.failed,
      rolledBack: back && isBack(back) ? 1 : counts.rolledBack,
    },
    remarks,
  };
};

const STYLES: Readonly<Record<keyof Counts, Style>> = {
  ok: 'green',
  changed: 'yellow',
  refused: 'magenta',
  unreachable: 'redBright',
  failed: 'red',
  rolledBack: 'red',
};

const NAMES = ['ok', 'changed', 'refused', 'unreachable', 'failed', 'rolledBack'] as const;

const countText = (name: keyof Counts, count: number, output: Output): string =>
  output.paint(count > 0 ? STYLES[name] : 'dim', `${name === 'rolledBack' ? 'rolled-back' : name}=${String(count)}`);

const rowText = ({counts, remarks}: Told, output: Output): string =>
  [
    ...NAMES.map((name) => countText(name, counts[name], output)),
    ...remarks.map((remark) => output.paint('red', remark)),
  ].join('  ');

const hosts = (names: readonly string[]): string => `${String(names.length)} ${names.length === 1 ? 'host' : 'hosts'}`;

/** Why the rollout ended early, and whom that leaves as they were. */
const stopLines = ({stopped, notBegun, rolledBack}: RollOut, output: Output): readonly string[] => {
  if (notBegun.length + rolledBack.length === 0) return [];
  const back = rolledBack.filter(isBack).map(({host}) => host);
  const told = [
    ...(back.length === 0 ? [] : [`${hosts(back)} rolled back: ${foldHostNames(back)}`]),
    ...(notBegun.length === 0 ? [] : [`${hosts(notBegun)} not begun, and as before: ${foldHostNames(notBegun)}`]),
  ];
  return [`stopped: ${stopped ?? 'interrupted'}`, ...told].map((text) => output.paint('yellow', printable(text)));
};

/** Ansible's recap of a provisioning, with the hosts that were not begun, and where those to try again are listed. */
export const renderApplyRecap = (out: RollOut, {retry}: {retry?: Retry}, output: Output): string => {
  const width = Math.max(4, ...[...out.results.map(({host}) => host), ...out.notBegun].map((host) => host.length));
  const row = (host: string, text: string): string => `${printable(host).padEnd(width)} : ${text}`;
  return [
    output.paint('bold', 'RECAP'),
    ...out.results.map((result) => row(result.host, rowText(toldOf(result, out), output))),
    ...out.notBegun.map((host) => row(host, output.paint('yellow', 'not begun'))),
    ...stopLines(out, output),
    ...(retry && retry.hosts.length > 0
      ? [`to try ${hosts(retry.hosts)} again: --limit @${printable(retry.file)}`]
      : []),
    '',
  ].join('\n');
};
