import path from 'node:path';
import {Fault, Faults} from '../../model/fault.ts';
import {printableLine} from '../../model/printable.ts';
import {shellQuote} from '../../model/shell.ts';

const MISSING = 'missing';

const ofFile = (file: string): string =>
  `{ [ -r ${file} ] && sha256sum <${file} | sed 's/ .*//; s/^/said sha256:/'; } || echo ${MISSING}`;

const ofProgram = (name: string): string => `place=$(command -v ${name}) || place=
if [ -z "$place" ]; then echo ${MISSING}; else
  line=$("$place" --version </dev/null 2>/dev/null | sed -n '/[^ ]/{p;q;}')
  if [ -n "$line" ]; then echo "said $line"; else sha256sum <"$place" | sed 's/ .*//; s/^/said sha256:/'; fi
fi`;

/** The sh text that asks programs, and files given by their paths, for their versions: a line each. */
export const versionQuestions = (tools: readonly string[]): string =>
  tools.map((tool) => (path.isAbsolute(tool) ? ofFile : ofProgram)(shellQuote(tool))).join('\n');

/**
 * The versions in what was printed.
 * @param where as it is called in messages
 * @throws Faults `missing-tool`
 */
export const versionAnswers = (
  tools: readonly string[],
  printed: string,
  where: {name: string; hint: string; host?: string},
): Readonly<Record<string, string>> => {
  const lines = printed.split('\n');
  const missing = tools.filter((_, index) => lines[index] === MISSING);
  if (missing.length === 0)
    return Object.fromEntries(
      tools.map((tool, index) => [tool, printableLine((lines[index] ?? '').replace(/^said /, ''))]),
    );
  throw new Faults(
    missing.map(
      (tool) =>
        new Fault({
          code: 'missing-tool',
          owner: 'user',
          message: `${where.name} has no ${tool}`,
          hint: where.hint,
          ...(where.host === undefined ? {} : {host: where.host}),
        }),
    ),
  );
};
