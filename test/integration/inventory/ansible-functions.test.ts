import test, {type ExecutionContext} from 'ava';
import fc from 'fast-check';
import {expandHosts} from '../../../engine/inventory/host-range.ts';
import {parseAddress} from '../../../engine/inventory/address.ts';
import {globExpression} from '../../../engine/inventory/glob.ts';
import {readJsonOrYaml} from '../../../engine/inventory/json-text.ts';
import {literalOrText} from '../../../engine/inventory/python-literal.ts';
import {formatListing} from '../../../engine/inventory/listing.ts';
import {listedValue} from '../../../engine/inventory/values.ts';
import {splitWords} from '../../../engine/inventory/words.ts';
import {Fault} from '../../../engine/model/fault.ts';
import {askPython, type PythonFunction} from '../../support/ansible-oracle.ts';

const asJson = (value: unknown): unknown => JSON.parse(formatListing(value));

/** Compares our function with Python's on every input; inputs for which Python has no JSON answer go to `refused`. */
const agree = async (
  t: ExecutionContext,
  name: PythonFunction,
  inputs: readonly unknown[],
  ours: (input: string) => unknown,
  refused: (input: string, error: string) => void = () => undefined,
): Promise<void> => {
  const answers = await askPython(name, inputs);
  t.is(answers.length, inputs.length);
  for (const [index, answer] of answers.entries()) {
    const input = String(inputs[index]);
    if ('error' in answer) refused(input, answer.error);
    else t.deepEqual(ours(input), answer.value, `input ${JSON.stringify(input)}`);
  }
};

const sample = (pieces: readonly string[], count: number, seed: number, maxLength = 8): readonly string[] => [
  ...new Set(
    fc.sample(
      fc.array(fc.constantFrom(...pieces), {maxLength}).map((parts) => parts.join('')),
      {numRuns: count, seed},
    ),
  ),
];

const LITERAL_PIECES =
  String.raw`1 0 9 _ . e E + - x 0x 0b 0o j a True False None ' " ''' \ \n \x41 \u00e9 \101 \N r b u f [ ] ( ) { } , :
  # = 12 3.5 () [] * / % ü`
    .split(/\s+/)
    .concat([' ', '\t', "'k': 1", '1, 2', '"x y"']);

test('INI values are typed as by ast.literal_eval', async (t) => {
  const made = sample(LITERAL_PIECES, 4000, 7);
  const wrapped = made.flatMap((text) => [`[${text}]`, `'${text}'`, `{'a': ${text}}`, `(${text},)`, `-${text}`]);
  // Ansible strips values first, and a value with a line break cannot come from a line.
  const inputs = [...made, ...wrapped].map((text) => text.trim()).filter((text) => !text.includes('\n'));
  await agree(t, 'literal', inputs, (text) => asJson(listedValue(literalOrText(text))));
});

test('host lines are split as by shlex', async (t) => {
  const pieces = String.raw`a b=c ' " \ # = \" \' é [1,2] "z"`.split(' ').concat([' ', '  ', '\t', ' #', "'x y'"]);
  const broken: string[] = [];
  const inputs = sample(pieces, 4000, 11, 10);
  await agree(
    t,
    'words',
    inputs,
    (text) => {
      const split = splitWords(text, true);
      return 'words' in split ? split.words : split.broken;
    },
    (text) => {
      broken.push(text);
      t.true('broken' in splitWords(text, true), text);
    },
  );
  t.true(broken.length > 50 && broken.length < inputs.length);
});

const YAML_SCALARS =
  `0 1 7 8 9 _ . : - + e E e+ 0x 0b 0o a f inf .inf nan yes No on OFF y n true null ~ Null 2020 -01 -31 -1 T :30 Z
  .5 +01 60 59 010 089 1_0`
    .split(/\s+/)
    .concat([' 12']);

test('plain YAML scalars are typed as by PyYAML', async (t) => {
  const dates = fc.sample(
    fc
      .tuple(
        fc.constantFrom('2020', '2023', '0001', '9999'),
        fc.constantFrom('-02-29', '-02-28', '-1-2', '-12-31', '-13-01', '-00-10'),
        fc.constantFrom('', 'T01:02:03', ' 1:02:03', 't23:59:59', '  24:00:00', ' 01:60:00', 'T1:2:3'),
        fc.constantFrom('', '.5', '.123456789', '.', '.000'),
        fc.constantFrom('', 'Z', ' Z', '+01', ' -05:30', '-00:00', '+24:00'),
      )
      .map((parts) => parts.join('')),
    {numRuns: 600, seed: 3},
  );
  const made = sample(YAML_SCALARS, 4000, 13, 5).filter((text) => !/^(?:=|<<|-|\?|[-:?] .*|.*:)$/.test(text.trim()));
  const inputs = [...made, ...dates].filter((text) => text.trim() === text && text !== '');
  const refusedByUs: string[] = [];
  await agree(
    t,
    'yaml',
    inputs.map((text) => `k: ${text}`),
    (text) => asJson(listedValue(readJsonOrYaml(text, 'x.yml', () => '').value)),
    (text, error) => {
      if (!error.startsWith('ValueError: Out of range float')) refusedByUs.push(text);
    },
  );
  for (const text of refusedByUs) {
    t.throws(() => readJsonOrYaml(text, 'x.yml', () => ''), {instanceOf: Fault}, text);
  }
});

test('host patterns are read and expanded as by Ansible', async (t) => {
  const pieces =
    String.raw`web a 1 10.0.0. . - _ : 22 :: fe80 2001:db8:: f é [1:3] [a:c] [01:03] [1:10:4] [:2] [A:C] [1:] [
      ] [::1] :22 [0:f] % ~ & 255`.split(/\s+/);
  const inputs = sample(pieces, 3000, 17, 5).filter((text) => text !== '');
  await agree(t, 'address', inputs, (text) => {
    const address = parseAddress(text);
    return address === undefined ? null : [address.host, address.port ?? null];
  });
  await agree(
    t,
    'hosts',
    inputs,
    (text) => {
      const expansion = expandHosts(text);
      return 'hosts' in expansion ? {hosts: expansion.hosts, port: expansion.port ?? null} : expansion.broken;
    },
    (text) => t.true('broken' in expandHosts(text), text),
  );
});

test('globs match as by fnmatch', async (t) => {
  const patterns = sample(
    ['a', 'b', 'z', '-', '*', '?', '[', ']', '!', '[a-c]', '[!a]', '.', '^', '\\', '&'],
    1500,
    19,
    6,
  );
  const names = ['', 'a', 'b', 'ab', 'abc', 'a-z', '[a]', 'z.b', '!', ']', '^a', '\\', '-', 'a\\b', '&'];
  const pairs = patterns.flatMap((pattern) => names.map((name) => [pattern, name] as const));
  const answers = await askPython('glob', pairs);
  for (const [index, answer] of answers.entries()) {
    const [pattern = '', name = ''] = pairs[index] ?? [];
    t.deepEqual(answer, {value: globExpression(pattern).test(name)}, JSON.stringify([pattern, name]));
  }
});
