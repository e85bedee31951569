/** What a symbol may hold: `n`, `m`, `y`, or a text, a number. */
export type Value = string;

/** A dependency as Kconfig writes it. */
export type Expression =
  | {is: 'symbol'; name: string}
  /** A quoted text; `"y"` and `y` are the same. */
  | {is: 'text'; value: Value}
  /** What only the build can tell: `$(cc-option,-mfoo)`. Taken for `y`. */
  | {is: 'macro'; text: string}
  | {is: 'not'; of: Expression}
  | {is: 'and' | 'or'; left: Expression; right: Expression}
  | {is: 'compare'; operator: '=' | '!=' | '<' | '<=' | '>' | '>='; left: Expression; right: Expression};

export const YES: Expression = {is: 'text', value: 'y'};

const TOKEN = /\s*(?:(&&|\|\||!=|<=|>=|[!=<>()])|"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|(\$\()|([\w./-]+))/y;

type Token = {operator: string} | {text: string} | {word: string} | {macro: string};

/** The text of a macro from its `$(` on: parentheses nest. */
const macroAt = (text: string, start: number): string => {
  let depth = 0;
  for (let index = start; index < text.length; index++) {
    if (text[index] === '(') depth += 1;
    if (text[index] === ')') {
      depth -= 1;
      if (depth === 0) return text.slice(start, index + 1);
    }
  }
  return text.slice(start);
};

const tokensOf = (text: string): readonly Token[] => {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  for (let match = TOKEN.exec(text); match; match = TOKEN.exec(text)) {
    const [whole, operator, double, single, macro, word] = match;
    if (operator !== undefined) tokens.push({operator});
    else if (double !== undefined || single !== undefined) tokens.push({text: double ?? single ?? ''});
    else if (macro === undefined) tokens.push({word: word ?? ''});
    else {
      const found = macroAt(text, match.index + whole.indexOf('$('));
      tokens.push({macro: found});
      TOKEN.lastIndex = match.index + whole.indexOf('$(') + found.length;
    }
  }
  return tokens;
};

type Reader = {tokens: readonly Token[]; place: number};

const takes = (reader: Reader, ...operators: readonly string[]): string | undefined => {
  const token = reader.tokens[reader.place];
  if (!token || !('operator' in token) || !operators.includes(token.operator)) return undefined;
  reader.place += 1;
  return token.operator;
};

const leaf = (reader: Reader): Expression => {
  if (takes(reader, '!')) return {is: 'not', of: leaf(reader)};
  if (takes(reader, '(')) {
    const inner = either(reader);
    takes(reader, ')');
    return inner;
  }
  const token = reader.tokens[reader.place];
  reader.place += 1;
  if (token && 'word' in token) return {is: 'symbol', name: token.word};
  if (token && 'macro' in token) return {is: 'macro', text: token.macro};
  return token && 'text' in token ? {is: 'text', value: token.text} : YES;
};

const isComparison = (operator: string): operator is '=' | '!=' | '<' | '<=' | '>' | '>=' =>
  ['=', '!=', '<', '<=', '>', '>='].includes(operator);

const comparison = (reader: Reader): Expression => {
  const left = leaf(reader);
  const operator = takes(reader, '=', '!=', '<', '<=', '>', '>=');
  return operator !== undefined && isComparison(operator) ? {is: 'compare', operator, left, right: leaf(reader)} : left;
};

const both = (reader: Reader): Expression => {
  let left = comparison(reader);
  while (takes(reader, '&&')) left = {is: 'and', left, right: comparison(reader)};
  return left;
};

const either = (reader: Reader): Expression => {
  let left = both(reader);
  while (takes(reader, '||')) left = {is: 'or', left, right: both(reader)};
  return left;
};

/** Reads an expression (Documentation/kbuild/kconfig-language.rst, menu dependencies). */
export const parseExpression = (text: string): Expression => either({tokens: tokensOf(text), place: 0});

/** The conjunction of conditions, without those that always hold. */
export const allOf = (conditions: readonly Expression[]): Expression =>
  conditions
    .filter((one) => !(one.is === 'text' && one.value === 'y'))
    .reduce<Expression>((left, right) => (left === YES ? right : {is: 'and', left, right}), YES);

/** What a configuration says of a symbol: `n` where it says nothing. */
export type Holds = (name: string) => Value;

const RANK: Readonly<Record<string, number>> = {n: 0, m: 1, y: 2};
const WORDS = ['n', 'm', 'y'] as const;

const rankOf = (value: Value): number => RANK[value] ?? 0;

const isConstant = (name: string): boolean =>
  name === 'y' || name === 'm' || name === 'n' || /^(?:0x[\da-f]+|-?\d+)$/i.test(name);

const textOf = (expression: Expression, holds: Holds): Value => {
  if (expression.is === 'text') return expression.value;
  if (expression.is === 'symbol') return isConstant(expression.name) ? expression.name : holds(expression.name);
  return WORDS[evaluate(expression, holds)] ?? 'n';
};

const compared = (operator: string, left: Value, right: Value): boolean => {
  if (operator === '=') return left === right;
  if (operator === '!=') return left !== right;
  const [a, b] = [Number(left), Number(right)];
  const order = Number.isNaN(a) || Number.isNaN(b) ? left.localeCompare(right) : a - b;
  if (operator === '<') return order < 0;
  if (operator === '<=') return order <= 0;
  return operator === '>' ? order > 0 : order >= 0;
};

/** 0 for `n`, 1 for `m`, 2 for `y`. */
export const evaluate = (expression: Expression, holds: Holds): number => {
  switch (expression.is) {
    case 'symbol':
    case 'text':
      return rankOf(textOf(expression, holds));
    case 'macro':
      return 2;
    case 'not':
      return 2 - evaluate(expression.of, holds);
    case 'and':
      return Math.min(evaluate(expression.left, holds), evaluate(expression.right, holds));
    case 'or':
      return Math.max(evaluate(expression.left, holds), evaluate(expression.right, holds));
    case 'compare':
      return compared(expression.operator, textOf(expression.left, holds), textOf(expression.right, holds)) ? 2 : 0;
  }
};
