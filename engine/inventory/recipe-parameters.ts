import {parse} from 'yaml';
import {Fault} from '../model/fault.ts';
import {printableLine} from '../model/printable.ts';

const valueOf = (text: string): unknown => {
  try {
    return parse(text) as unknown;
  } catch {
    return text;
  }
};

/**
 * Parameters of a recipe as a command line gives them: `port=8080`, `nics=[ens1f0, ens1f1]`. A value is read as YAML; what is
 * none stays text.
 * @throws Fault `usage`
 */
export const parseRecipeParameters = (words: readonly string[]): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    words.map((word) => {
      const [, name = '', value = ''] = /^([A-Za-z]\w*)=([\s\S]*)$/.exec(word) ?? [];
      if (name !== '') return [name, valueOf(value)];
      throw new Fault({
        code: 'usage',
        owner: 'user',
        message: `--parameter ${printableLine(word, 100)} is not of the form name=value`,
      });
    }),
  );
