import {listRecipes} from '../../actions/list-recipes.ts';
import {printable} from '../../model/printable.ts';
import {parameterRows, type ParameterRow} from '../../plan/recipe/parameter-rows.ts';
import type {Context} from '../context.ts';
import type {Output} from '../output.ts';
import {wrap} from '../render/columns.ts';

const remark = (row: ParameterRow): string => {
  if (row.required) return `${row.description} (required)`;
  return row.default === undefined ? row.description : `${row.description} (default: ${row.default})`;
};

const parameterLines = (rows: readonly ParameterRow[], output: Output): readonly string[] => {
  const width = Math.max(0, ...rows.map(({name}) => name.length));
  return rows.flatMap((row) =>
    wrap(printable(remark(row)), Math.max(40, (output.columns || 120) - width - 8)).map((line, place) =>
      place === 0
        ? `    ${output.paint(row.required ? 'yellow' : 'cyan', printable(row.name.padEnd(width)))}  ${line}`
        : `    ${' '.repeat(width)}  ${line}`,
    ),
  );
};

/** Runs `linerate recipes`. */
export const runRecipes = async (given: string | undefined, {output}: Context): Promise<void> => {
  for (const {name, recipe} of await listRecipes(given)) {
    const lines = [
      `${output.paint('bold', printable(name))}  ${printable(recipe.summary)}`,
      `    ${output.paint('dim', `phases: ${printable(recipe.phases.join(', '))}`)}`,
      ...parameterLines(parameterRows(recipe), output),
    ];
    output.out(`${lines.join('\n')}\n\n`);
  }
};
