import {mkdtemp, readdir, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import * as v from 'valibot';
import {Fault} from '../../model/fault.ts';
import {printableLine} from '../../model/printable.ts';
import {lintFindings, unexcused, type LintException} from '../../stages/package/lint.ts';
import {toolOutcome, type ToolOutcome} from '../system-tool.ts';
import type {CheckedOutput} from './check.ts';

const Options = v.strictObject({
  by: v.picklist(['lintian', 'rpmlint']),
  exceptions: v.array(
    v.strictObject({
      by: v.picklist(['lintian', 'rpmlint']),
      tag: v.string(),
      about: v.exactOptional(v.string()),
      why: v.string(),
    }),
  ),
});

const CALLS: Readonly<Record<LintException['by'], readonly string[]>> = {
  lintian: ['--no-cfg', '--allow-root', '--no-tag-display-limit', '--fail-on', 'none'],
  rpmlint: ['--permissive'],
};

/** Whether a linter has come to its end: only rpmlint says so. */
const hasLooked = (by: LintException['by'], {status, stdout}: ToolOutcome): boolean =>
  by === 'lintian' ? status === 0 : /packages and \d+ specfiles checked/.test(stdout);

const lint = async (by: LintException['by'], file: string, signal: AbortSignal): Promise<string> => {
  const home = await mkdtemp(path.join(tmpdir(), 'linerate-lint-'));
  try {
    const outcome = await toolOutcome(by, [...CALLS[by], file], {environment: {HOME: home, TMPDIR: home}, signal});
    if (hasLooked(by, outcome)) return outcome.stdout;
    throw new Fault({
      code: 'tool-failed',
      owner: 'tool',
      message: `${by} could not look at ${path.basename(file)}: ${printableLine(outcome.stderr || outcome.stdout)}`,
    });
  } finally {
    await rm(home, {recursive: true, force: true});
  }
};

/** What lintian or rpmlint says of the packages in an output, but for what an exception is made for. */
export const check = async ({stage, out, options, signal}: CheckedOutput): Promise<readonly Fault[]> => {
  const {by, exceptions} = v.parse(Options, options);
  const faults: Fault[] = [];
  for (const name of await readdir(out)) {
    const findings = lintFindings(by, await lint(by, path.join(out, name), signal));
    for (const {severity, tag, about} of unexcused(by, findings, exceptions))
      faults.push(
        new Fault({
          code: 'package-lint',
          owner: 'user',
          message: printableLine(`${stage}: ${by} says ${severity} ${tag} of ${name}: ${about}`),
          hint: 'correct the package, or say in templates/packages/lint.yaml why it is to be so',
        }),
      );
  }
  return faults;
};
