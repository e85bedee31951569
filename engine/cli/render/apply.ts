import type {Applied, Left, StoppedRun} from '../../actions/apply-host.ts';
import type {HostApply} from '../../actions/apply.ts';
import {printable} from '../../model/printable.ts';
import type {RunEvent} from '../../plan/run/answer.ts';
import {numberedChanges, type RunSpec} from '../../plan/run/spec.ts';
import type {Output, Style} from '../output.ts';

const line = (host: string, text: string, output: Output, style: Style = 'dim'): string =>
  `${output.paintError('bold', printable(host))} ${output.paintError(style, printable(text))}\n`;

const idOf = (run: RunSpec, change: number | undefined): string =>
  change === undefined ? 'the run' : (numberedChanges(run)[change]?.id ?? `change ${String(change)}`);

/** What a run says while it goes on; steps that are well are silent. */
export const renderEvent = (host: string, run: RunSpec, event: RunEvent, output: Output): string => {
  switch (event.event) {
    case 'begin':
    case 'done':
    case 'undone':
    case 'confirmed':
    case 'persisting':
      return '';
    case 'awaiting':
      return line(host, `all written; confirming over a fresh connection (${String(event.seconds)} s)`, output);
    case 'settling':
      return line(host, `waiting for links: ${event.text}`, output);
    case 'undo':
      return line(host, `undoing: ${event.text}`, output, 'yellow');
    case 'note':
      return line(host, event.text, output);
    case 'limit':
      return line(host, `${idOf(run, event.change)} stays as the kernel has it: ${event.text}`, output, 'cyan');
    case 'failed':
    case 'persist-failed':
    case 'undo-failed':
      return line(host, `${idOf(run, event.change)} failed: ${event.text}`, output, 'red');
  }
};

/** How a run that was not confirmed ended. */
export const stopText = (run: StoppedRun): string => {
  switch (run.outcome) {
    case 'rolled-back':
      return [
        `rolled back: ${run.reason}`,
        ...run.mismatches.map(({id, want, found}) => `${id} was to hold ${want} and holds ${found}`),
        ...run.notUndone.map(({id, text}) => `NOT undone: ${id}: ${text}`),
      ].join('; ');
    case 'interrupted':
      return `undone, as asked for${run.notUndone.map(({id, text}) => `; NOT undone: ${id}: ${text}`).join('')}`;
    case 'lost':
      return `lost: ${run.reason}; its guard undoes the run by itself`;
    case 'refused':
      return `refused: ${run.reason} (${run.hint})`;
  }
};

const leftText = ({id, layers}: Left): string =>
  `${id} does not hold its value ${layers.map((layer) => (layer === 'live' ? 'now' : 'after a reboot')).join(' and ')}`;

/** How one host's apply ended, in a line or a few. */
export const renderApplied = (host: string, applied: Applied, output: Output): string => {
  switch (applied.outcome) {
    case 'same':
      return line(host, 'nothing to do', output, 'green');
    case 'stale':
      return line(
        host,
        'has moved on since its plan was made, and is left alone; look at the diff again',
        output,
        'magenta',
      );
    case 'stopped':
      return line(host, stopText(applied.run), output, 'red');
    case 'done':
      return [
        line(host, `${String(applied.changed)} changes confirmed`, output, 'green'),
        ...applied.notes.map((note) => line(host, note, output, 'cyan')),
        ...applied.waiting.map((id) => line(host, `${id} holds for what starts anew, or after a reboot`, output)),
        ...applied.left.map((left) => line(host, leftText(left), output, 'red')),
        ...applied.blocks.map((block) => line(host, `refused ${block.id}: ${block.reason}`, output, 'yellow')),
      ].join('');
  }
};

type Counts = {ok: number; changed: number; refused: number; unreachable: number; failed: number; rolledBack: number};

const countsOf = (result: HostApply): Counts => {
  const none = {ok: 0, changed: 0, refused: 0, unreachable: 0, failed: 0, rolledBack: 0};
  if ('fault' in result) return result.fault.owner === 'unreachable' ? {...none, unreachable: 1} : {...none, failed: 1};
  const {value} = result;
  const ok = value.plan.settings.filter((setting) => setting.pending.length === 0).length;
  if (value.outcome === 'same') return {...none, ok};
  if (value.outcome === 'stale') return {...none, ok, refused: 1};
  if (value.outcome === 'done')
    return {...none, ok, changed: value.changed, refused: value.blocks.length, failed: value.left.length > 0 ? 1 : 0};
  if (value.run.outcome === 'lost') return {...none, ok, changed: value.changed, unreachable: 1};
  if (value.run.outcome === 'refused') return {...none, ok, changed: value.changed, refused: 1};
  return {...none, ok, changed: value.changed, failed: 1, rolledBack: 1};
};

const STYLES: Readonly<Record<keyof Counts, Style>> = {
  ok: 'green',
  changed: 'yellow',
  refused: 'magenta',
  unreachable: 'redBright',
  failed: 'red',
  rolledBack: 'red',
};

/** Ansible's recap of a provisioning; hosts that were not begun are told as such. */
export const renderApplyRecap = (
  results: readonly HostApply[],
  approved: ReadonlyMap<string, string>,
  output: Output,
): string => {
  const untried = [...approved.keys()].filter((host) => !results.some((result) => result.host === host));
  const width = Math.max(4, ...results.map(({host}) => host.length), ...untried.map((host) => host.length));
  const rows = results.map((result) => {
    const words = Object.entries(countsOf(result)).map(([name, count]) => {
      const style = Object.entries(STYLES).find(([key]) => key === name)?.[1] ?? 'dim';
      return output.paint(
        count > 0 ? style : 'dim',
        `${name === 'rolledBack' ? 'rolled-back' : name}=${String(count)}`,
      );
    });
    return `${printable(result.host).padEnd(width)} : ${words.join('  ')}`;
  });
  return [
    output.paint('bold', 'RECAP'),
    ...rows,
    ...untried.map((host) => `${printable(host).padEnd(width)} : ${output.paint('yellow', 'not tried')}`),
    '',
  ].join('\n');
};
