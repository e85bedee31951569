import type {HostRollback} from '../../actions/rollback.ts';
import type {RolledBack, Way} from '../../actions/rollback-host.ts';
import {printable, printableLine} from '../../model/printable.ts';
import type {Block} from '../../model/setting.ts';
import {heldText, shownValue} from '../../plan/fold.ts';
import type {Conflict} from '../../plan/rollback/rollback-plan.ts';
import type {Output, Style} from '../output.ts';
import {stopText} from './apply.ts';
import {renderFault} from './fault.ts';

type Back = Way & {way: 'back'};

/** What somebody else has changed since the apply. */
export const conflictsOf = ({live, files}: Back): readonly Conflict[] => [...live.conflicts, ...files.conflicts];

const conflictText = ({id, before, after, found}: Conflict): string =>
  `${id}: the run found "${before}" and left "${after}", and now it is "${found}"`;

const blockText = ({id, reason}: Block): string => `${id} stays as it is: ${reason}`;

const backLines = (way: Back, force: boolean, output: Output): readonly string[] => {
  const settings = way.live.plan.settings.map(
    ({id, live, want}) => `${id}: ${heldText(id, live)} → ${shownValue(id, want)}`,
  );
  const files = way.files.changes.map(({id, before, after}) => `${id}: ${before ?? ''} → ${after}`);
  const conflicts = conflictsOf(way);
  const told = (style: Style, lines: readonly string[]): readonly string[] =>
    lines.map((line) => `  ${output.paint(style, printableLine(line))}`);
  return [
    ...told('yellow', [...settings, ...files]),
    ...told('cyan', [...way.live.blocks, ...way.files.blocks].map(blockText)),
    ...told('red', conflicts.map(conflictText)),
    ...(conflicts.length > 0 && !force
      ? told('red', ['somebody else has changed it since: nothing is rolled back here; --force does it all the same'])
      : []),
  ];
};

/** What a rollback comes to on one host, before it is done. */
export const renderWay = (host: string, way: Way, force: boolean, output: Output): string => {
  const name = output.paint('bold', printable(host));
  if (way.way === 'none') return `${name} nothing to roll back: no such run was confirmed\n`;
  if (way.way === 'already') return `${name} nothing to do: ${way.apply.id} was rolled back by ${way.by}\n`;
  const [first] = way.apply.runs;
  const by = first ? ` of ${first.at.replace(/\.\d+Z$/, 'Z')} by ${first.by}` : '';
  const lines = backLines(way, force, output);
  const nothing = lines.length === 0 ? ['  all is as it was before'] : [];
  return [`${name} rollback of ${printable(`${way.apply.id}${by}`)}`, ...lines, ...nothing, ''].join('\n');
};

const line = (host: string, text: string, output: Output, style: Style): string =>
  `${output.paintError('bold', printable(host))} ${output.paintError(style, printable(text))}\n`;

const stoppedText = (changed: number): string =>
  changed === 0
    ? 'the rollback was not carried out'
    : `${String(changed)} changes are rolled back, and the rest was not carried out; run again`;

/** How one host's rollback ended, in a line or a few. */
const renderRolledBack = (host: string, result: RolledBack, output: Output): string => {
  switch (result.outcome) {
    case 'none':
      return line(host, 'nothing to roll back: no such run was confirmed', output, 'green');
    case 'already':
      return line(host, `nothing to do: ${result.apply} was rolled back by ${result.by}`, output, 'green');
    case 'same':
      return line(host, `nothing to do: all is as it was before ${result.apply}`, output, 'green');
    case 'refused':
      return result.conflicts.map((conflict) => line(host, conflictText(conflict), output, 'red')).join('');
    case 'stale':
      return line(host, 'has moved on since it was read, and is left alone; run again', output, 'magenta');
    case 'stopped':
      return line(host, `${stoppedText(result.changed)}: ${stopText(result.run)}`, output, 'red');
    case 'done':
      return [
        line(host, `${result.apply} is rolled back: ${String(result.changed)} changes confirmed`, output, 'green'),
        ...result.blocks.map((block) => line(host, blockText(block), output, 'yellow')),
        ...(result.unkept === undefined
          ? []
          : [line(host, `files are not as before: ${result.unkept}`, output, 'red')]),
      ].join('');
  }
};

/** How one host's rollback ended, and what is to be seen to there. */
export const renderRollback = (result: HostRollback, output: Output): string =>
  [
    'fault' in result ? renderFault(result.fault, output) : renderRolledBack(result.host, result.value, output),
    result.drained ? renderFault(result.drained, output) : '',
  ].join('');
