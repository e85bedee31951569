import test from 'ava';
import fc from 'fast-check';
import type {Step} from '../../../engine/model/change.ts';
import {shellQuote} from '../../../engine/model/shell.ts';
import {confirmScript, startScript, undoNowScript} from '../../../engine/plan/run/scripts.ts';
import {commandChange, fileChange, PLAIN, runOf} from '../../support/guarded-runs.ts';
import {inSandbox, SHELLS} from '../../support/sandbox.ts';

const RUN = runOf({changes: PLAIN, lasting: [fileChange("/etc/it's a file", 'one\ntwo')]});

for (const shell of SHELLS)
  test(`${shell} runs nothing of a start script that is cut anywhere`, (t) => {
    const script = startScript(RUN);
    const length = Buffer.byteLength(script);
    const step = 97;
    const cuts = [
      ...Array.from({length: Math.floor(length / step)}, (_, index) => index * step),
      ...Array.from({length: 60}, (_, index) => length - 2 - index),
    ];
    const output = inSandbox(
      `cat >/mnt/script
      for cut in ${cuts.join(' ')}; do
        head -c "$cut" /mnt/script >/mnt/cut
        ${shell} </mnt/cut >/dev/null 2>&1
        [ ! -e /run/linerate ] || { echo "$cut ran"; rm -rf /run/linerate; }
      done
      ${shell} </mnt/script >/dev/null; ls /run/linerate`,
      script,
    );
    // Whole, it runs: the cuts are cuts of something that works.
    t.is(output, `${RUN.id}\nlock\n`);
  });

test('a confirmation or an undo that is cut anywhere decides nothing', (t) => {
  for (const script of [confirmScript(RUN.id, 0), undoNowScript(RUN.id, 0, 'x')]) {
    const output = inSandbox(
      `cat >/mnt/script; sh -c ${shellQuote(startScript(RUN))} >/dev/null
      cut=0; while [ $cut -lt ${String(Buffer.byteLength(script) - 1)} ]; do
        head -c "$cut" /mnt/script >/mnt/cut; sh </mnt/cut >/dev/null 2>&1; cut=$((cut + 1))
        [ ! -h /run/linerate/${RUN.id}/decided ] || { echo "$cut decided"; exit; }
      done
      sh </mnt/script >/dev/null; [ -h /var/lib/linerate/runs/${RUN.id}/decided ] && echo decided`,
      script,
    );
    t.is(output, 'decided\n');
  }
});

test('a script that does not arrive whole in its file is not run', (t) => {
  const output = inSandbox(
    `mkdir /run/linerate && mount -t tmpfs -o size=8k sandbox /run/linerate
    sh; ls /run/linerate`,
    startScript(RUN),
  );
  t.is(output, `refused no-room /run/linerate/${RUN.id}\nend\n`);
});

const words = fc.string({unit: 'binary', maxLength: 40}).map((text) => text.replaceAll('\0', ''));

test('whatever a step holds reaches its program and its file unchanged', (t) => {
  fc.assert(
    fc.property(fc.array(words, {minLength: 1, maxLength: 4}), words, (argv, text) => {
      const file = '/etc/lr/the file';
      const steps: Step[] = [
        {do: 'run', argv: ['sh', '-c', String.raw`printf '%s\001' "$@" >/run/words`, 'sh', ...argv]},
        {do: 'put', path: file, text, mode: 0o600},
      ];
      const run = runOf({changes: [{...commandChange('any', ':', ':'), steps}]});
      const output = inSandbox(
        `sh >/mnt/answer; od -An -v -tx1 /run/words; echo; od -An -v -tx1 '${file}'`,
        startScript(run),
      );
      const [told = '', put = ''] = output.split('\n\n').map((hex) => hex.replaceAll(/\s/g, ''));
      t.is(told, Buffer.from(argv.map((word) => `${word}\u0001`).join('')).toString('hex'));
      t.is(put, Buffer.from(text).toString('hex'));
    }),
    {numRuns: 15},
  );
});

/** Interrupts as the kernel shows them, one of which answers EPERM to whoever moves it (as a uid_map does that is set). */
const INTERRUPTS = `
mount -t tmpfs sandbox /sys/kernel/irq && mount -t tmpfs sandbox /proc/irq
irq() { mkdir -p /sys/kernel/irq/$1 /proc/irq/$1; echo "$2" >/sys/kernel/irq/$1/actions; echo 0-1 >/proc/irq/$1/smp_affinity_list; }
irq 7 eth0-TxRx-1; irq 8 eth0-TxRx-10; irq 9 twin; irq 10 twin; irq 11 kept
ln -sf /proc/self/uid_map /proc/irq/11/smp_affinity_list
`;

const moved = (irq: string): string => {
  const changes = [{...commandChange('irq', ':', ':'), steps: [{do: 'affinity', irq, cpus: '1'} as const], undo: []}];
  return inSandbox(
    `${INTERRUPTS} sh; for irq in 7 8 9 10; do cat /proc/irq/$irq/smp_affinity_list; done | tr '\\n' ' '`,
    startScript(runOf({changes})),
  );
};

test('an interrupt is moved by its name at that moment', (t) => {
  const output = moved('eth0-TxRx-1');
  t.regex(output, /^done 0$/m);
  t.true(output.endsWith('1 0-1 0-1 0-1 '), output);
});

test('an interrupt that the kernel keeps where it is: a limit, not a failure', (t) => {
  t.regex(moved('kept'), /^limit 0 the kernel keeps kept where it is: .*Operation not permitted.*\ndone 0$/m);
});

test('an interrupt that is not there, or not the only one of its name, is a failure', (t) => {
  t.regex(moved('eth0-TxRx-2'), /^failed 0 no interrupt is called eth0-TxRx-2$/m);
  t.regex(moved('twin'), /^failed 0 several interrupts are called twin$/m);
});
