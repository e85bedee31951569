/** Something that a linter is known to say and that we want so. */
export type LintException = {
  by: 'lintian' | 'rpmlint';
  /** The tag whole. */
  tag: string;
  /** What follows the tag holds this; anything where absent. */
  about?: string;
  why: string;
};

/** One thing that a linter said. */
export type LintFinding = {severity: 'error' | 'warning'; tag: string; about: string};

const SEVERITIES = {E: 'error', W: 'warning'} as const;

// `E: linux-image-lab: tag what about`; `kernel-lab.x86_64: E: tag what about`
const LINES = {
  lintian: /^([EW]): [^\s:]+(?: \w+)?: (\S+) ?(.*)$/,
  rpmlint: /^\S+: ([EW]): (\S+) ?(.*)$/,
} as const;

const isSeverity = (letter: string | undefined): letter is keyof typeof SEVERITIES => letter === 'E' || letter === 'W';

/** The errors and warnings in a linter's output; what it says beside them is left out. */
export const lintFindings = (by: LintException['by'], output: string): readonly LintFinding[] =>
  output.split('\n').flatMap((line) => {
    const [, letter, tag = '', about = ''] = LINES[by].exec(line) ?? [];
    return isSeverity(letter) ? [{severity: SEVERITIES[letter], tag, about}] : [];
  });

const excused = (finding: LintFinding, exception: LintException): boolean =>
  finding.tag === exception.tag && (exception.about === undefined || finding.about.includes(exception.about));

/** The findings that no exception is made for. */
export const unexcused = (
  by: LintException['by'],
  findings: readonly LintFinding[],
  exceptions: readonly LintException[],
): readonly LintFinding[] =>
  findings.filter((finding) => !exceptions.some((one) => one.by === by && excused(finding, one)));
