import test from 'ava';
import fc from 'fast-check';
import {loadFileTemplates} from '../../../../engine/catalogue/file-templates.ts';
import {parseCpuList} from '../../../../engine/model/cpulist.ts';
import {parseCpuMask} from '../../../../engine/model/cpumask.ts';
import {Fault} from '../../../../engine/model/fault.ts';
import {compileFileTemplate} from '../../../../engine/plan/lasting/file-template.ts';

const PATH = 'templates/files/example.hbs';

const faultOf = (text: string, variables: Readonly<Record<string, unknown>> = {}): Pick<Fault, 'message' | 'at'> => {
  try {
    compileFileTemplate(text, PATH)(variables);
  } catch (error) {
    if (error instanceof Fault) return {message: error.message, at: error.at ?? ''};
    throw error;
  }
  throw new Error('it was rendered');
};

test('a missing variable names template, line and variable, wherever the template asks for it', (t) => {
  const missing = (name: string, line: number) => ({
    message: `${PATH} cannot be rendered: the variable "${name}" is missing`,
    at: `${PATH}:${String(line)}`,
  });
  t.deepEqual(faultOf('a\n{{port}}\n'), missing('port', 2));
  t.deepEqual(faultOf('a\nb\n{{#if port}}x{{/if}}\n'), missing('port', 3));
  t.deepEqual(faultOf('{{#each ports}}x{{/each}}\n'), missing('ports', 1));
  t.deepEqual(faultOf('{{#unless a.b}}x{{/unless}}\n', {a: {}}), missing('a.b', 1));
  t.deepEqual(faultOf('{{#each ports}}\n{{name}}\n{{/each}}\n', {ports: [{}]}), missing('name', 2));
  t.deepEqual(faultOf('{{#each ports}}\n  {{#if name}}x{{/if}}\n{{/each}}\n', {ports: [{}]}), missing('name', 2));
});

test('what is null or false is not missing, and nothing is escaped', (t) => {
  const template = compileFileTemplate('{{#if a}}A{{else}}-{{/if}}{{#unless b}}B{{/unless}} {{c}}\n', PATH);
  t.is(template({a: null, b: false, c: `<"&'=>`}), `-B <"&'=>\n`);
});

test('what is no template, and words that do not exist or are given the wrong thing, say so with their line', (t) => {
  t.deepEqual(faultOf('x\n{{#if a}}\n', {a: 1}), {
    message: `${PATH} cannot be rendered: a tag is malformed, out of place or not closed`,
    at: `${PATH}:3`,
  });
  t.is(faultOf('{{nothing 1}}').message, `${PATH} cannot be rendered: there is no helper "nothing"`);
  t.is(
    faultOf('{{cpuList cpus}}', {cpus: '3-1'}).message,
    `${PATH} cannot be rendered: "cpuList" was given "3-1", which is no set of CPUs`,
  );
  t.is(
    faultOf('{{size cpus}}', {cpus: -1}).message,
    `${PATH} cannot be rendered: "size" was given -1, which is no whole number`,
  );
});

test('words print CPU sets and sizes as the kernel reads them', (t) => {
  const render = (text: string, variables: Record<string, unknown>): string =>
    compileFileTemplate(text, PATH)(variables);
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(511), {minLength: 1, maxLength: 40}), (cpus) => {
      const sorted = cpus.toSorted((a, b) => a - b);
      t.deepEqual(parseCpuList(render('{{cpuList cpus}}', {cpus})), sorted);
      t.deepEqual(parseCpuMask(render('{{cpuMask cpus 512}}', {cpus})), sorted);
    }),
  );
  fc.assert(
    fc.property(fc.maxSafeNat(), (bytes) => {
      const [, digits = '', suffix = ''] = /^(\d+)([KMGTP]?)$/.exec(render('{{size bytes}}', {bytes})) ?? [];
      t.is(Number(digits) * 1024 ** ' KMGTP'.indexOf(suffix || ' '), bytes);
    }),
  );
  t.is(render('{{size a}} {{size b}}', {a: 2_097_152, b: 1000}), '2M 1000');
  t.is(render('echo {{shell text}}', {text: `it's $HOME`}), `echo 'it'\\''s $HOME'`);
});

test('every template of the program compiles, and says which variable it lacks', (t) => {
  const templates = loadFileTemplates();
  t.true(templates.size > 10);
  for (const [name, render] of templates) {
    try {
      t.regex(render({}), /[Ww]ritten by linerate/, name);
    } catch (error) {
      t.true(error instanceof Fault, `${name}: ${String(error)}`);
      if (error instanceof Fault) t.regex(error.message, /the variable "\w+" is missing$/);
    }
  }
});
