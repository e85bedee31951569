import type {Applied, Left, StoppedRun} from '../../actions/apply-host.ts';
import type {Unhealthy} from '../../actions/roll-out.ts';
import {printable} from '../../model/printable.ts';
import type {Block} from '../../model/setting.ts';
import {foldHostNames} from '../../plan/host-names.ts';
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
      return `lost: ${run.reason}`;
    case 'refused':
      return `refused: ${run.reason} (${run.hint})`;
  }
};

const leftText = ({id, layers}: Left): string =>
  `${id} does not hold its value ${layers.map((layer) => (layer === 'live' ? 'now' : 'after a reboot')).join(' and ')}`;

const blockText = ({id, reason, hint}: Block): string =>
  `refused ${id}: ${reason}${hint === undefined ? '' : ` (${hint})`}`;

type Done = Extract<Applied, {outcome: 'done'}>;

const whyUnbegun = ({left, waiting, blocks}: Done): string => {
  if (left.length > 0) return 'left something undone';
  if (blocks.some(({phase}) => phase !== undefined)) return 'asks for what is refused';
  return waiting.length > 0 ? 'waits for a reboot: --reboot permits it' : 'waits for a reboot';
};

const unbegunText = (done: Done): readonly string[] => {
  const {unbegun} = done;
  if (unbegun.length === 0) return [];
  return [
    `not begun: ${unbegun.length === 1 ? 'phase' : 'phases'} ${unbegun.join(', ')}; the one before ${whyUnbegun(done)}`,
  ];
};

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
        ...unbegunText(applied).map((text) => line(host, text, output, 'red')),
        ...applied.waiting.map((id) => line(host, `${id} holds for what starts anew, or after a reboot`, output)),
        ...applied.left.map((left) => line(host, leftText(left), output, 'red')),
        ...applied.blocks.map((block) => line(host, blockText(block), output, 'yellow')),
      ].join('');
  }
};

/** Something else that happens to a host while it is provisioned. */
export const renderNote = (host: string, text: string, output: Output): string => line(host, text, output);

/** What a person must see to. */
export const renderUnhealthy = ({host, reason}: Unhealthy, output: Output): string =>
  line(host, `is not healthy: ${reason}`, output, 'red');

/** Which hosts' turn it is. */
export const renderWave = (number: number, of: number, hosts: readonly string[], output: Output): string =>
  of === 1
    ? ''
    : `${output.paintError('bold', `wave ${String(number)} of ${String(of)}:`)} ${printable(foldHostNames(hosts))}\n`;
