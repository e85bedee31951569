import test from 'ava';

import {Fault, Faults} from '../../../engine/model/fault.ts';
import {compileSheet} from '../../../engine/plan/sheet-compile.ts';
import {exampleFacts, exampleNic} from '../../support/facts.ts';

const facts = exampleFacts();
const nic = exampleNic({rings: {now: {rx: 512}, max: {rx: 4096}}});
const PATH = 'templates/nics/ice.yaml.hbs';

const render = (text: string, workload = 'throughput') =>
  compileSheet(text, PATH, 'nic').render({facts, workload, nic});

const RING = ['- set: nic ring.rx', '  to: 4096', '  why: rides out bursts', '  source: ice.rst'].join('\n');

test('an entry is what the template says, with its line', (t) => {
  const text = [
    '# the rings',
    '{{#if (eq workload "throughput")}}',
    '- set: nic ring.rx',
    '  atLeast: {{min 8192 nic.ring.rx.max}}',
    '  atMost: {{nic.ring.rx.max}}',
    '  why: rides out bursts',
    '  source: ice.rst',
    '  cost: memory',
    '  unconfirmed: true',
    '{{/if}}',
  ].join('\n');
  t.deepEqual(render(text), [
    {
      set: 'nic ring.rx',
      atLeast: '4096',
      atMost: '4096',
      why: 'rides out bursts',
      source: 'ice.rst',
      cost: 'memory',
      unconfirmed: true,
      at: `${PATH}:3`,
    },
  ]);
  t.deepEqual(render(text, 'latency'), []);
});

test('a ceiling, values that nobody chose, and whether counters ask for it', (t) => {
  const rest = '\n  why: x\n  source: y';
  t.like(render(`- set: nic txqueuelen\n  noMoreThan: 1000\n  seen: {{ne nic.drops "none"}}${rest}`)[0], {
    noMoreThan: '1000',
    seen: false,
  });
  t.deepEqual(render(`- set: nic pause.rx\n  to: 'off'\n  insteadOf: 'on'${rest}`)[0]?.insteadOf, ['on']);
  t.deepEqual(render(`- set: nic mtu\n  to: 1\n  insteadOf: [0, 2]${rest}`)[0]?.insteadOf, ['0', '2']);
});

test('a limit that the NIC does not tell is no limit', (t) => {
  const text = '- set: nic ring.tx\n  to: 512\n  atMost: {{nic.ring.tx.max}}\n  why: x\n  source: y';
  t.false('atMost' in (render(text)[0] ?? {}));
});

test('an empty sheet has no entries', (t) => {
  t.deepEqual(render('# nothing to say\n'), []);
  t.deepEqual(render(''), []);
});

test('entries of a kernel range are left out on other kernels', (t) => {
  const text = `${RING}\n  kernel: '>=6.2'\n${RING.replace('4096', '2048')}\n  kernel: '>=4.12 <6.2'`;
  t.deepEqual(
    render(text).map(({to}) => to),
    ['2048'],
  );
});

test('a workload sheet gives host-wide entries without a NIC, and the others with one', (t) => {
  const text = `- set: sysctl net.core.somaxconn\n  to: 1\n  why: x\n  source: y\n{{#if nic}}\n${RING}\n{{/if}}`;
  const sheet = compileSheet(text, 'templates/workloads/w.yaml.hbs', 'workload');
  t.deepEqual(
    sheet.render({facts, workload: 'w'}).map(({set}) => set),
    ['sysctl net/core/somaxconn'],
  );
  t.deepEqual(
    sheet.render({facts, workload: 'w', nic}).map(({set, at}) => `${set} ${at}`),
    ['nic ring.rx templates/workloads/w.yaml.hbs:6'],
  );
  t.is(sheet.id, 'w');
});

test('rendering again gives equal entries, also when another host came between', (t) => {
  const sheet = compileSheet(RING.replace('4096', '{{nic.ring.rx.max}}'), PATH, 'nic');
  const other = exampleNic({rings: {now: {rx: 512}, max: {rx: 8160}}});
  const first = sheet.render({facts, workload: 'w', nic});
  t.is(sheet.render({facts, workload: 'w', nic: other})[0]?.to, '8160');
  t.deepEqual(sheet.render({facts, workload: 'w', nic}), first);
});

const faultOf = test.macro((t, text: string, expected: readonly string[]) => {
  const error = t.throws(() => render(text), {any: true});
  const faults = error instanceof Faults ? error.errors : [error];
  t.deepEqual(
    faults.map((fault) =>
      fault instanceof Fault ? `${fault.at ?? ''} ${fault.code}: ${fault.message}` : String(fault),
    ),
    expected.map((line) => `${PATH}:${line}`),
  );
});

test('fault: a field that does not exist', faultOf, `# x\n${RING.replace('4096', '{{nic.ring.rx.most}}')}`, [
  '3 sheet-template: not a template: there is no "nic.ring.rx.most" to render with',
]);
test('fault: a misspelt field in a condition', faultOf, `{{#if hugepages.none}}\n{{/if}}\n${RING}`, [
  '1 sheet-template: not a template: there is no "hugepages.none" to render with',
]);
test(
  'fault: a misspelt field of the root within each',
  faultOf,
  `{{#each hugepages.nodes}}\n{{#if (eq @root.wrkload node)}}\n{{/if}}\n{{/each}}`,
  ['2 sheet-template: not a template: there is no "wrkload" to render with'],
);
test(
  'fault: a misspelt field of what each goes over',
  faultOf,
  `{{#each @root.hugepages.nodes}}\n# {{pags}}\n{{/each}}`,
  ['2 sheet-template: not a template: "pags" not defined in [object Object]'],
);
test('fault: a tag that is not closed', faultOf, `${RING}\n  cost: {{nic.mtu`, [
  '5 sheet-template: not a template: a tag is malformed, out of place or not closed',
]);
test('fault: a block that is not closed', faultOf, `{{#if virtual}}\n${RING}`, [
  '5 sheet-template: not a template: a tag is malformed, out of place or not closed',
]);
test('fault: a helper that does not exist', faultOf, `# x\n{{#if (equals workload "x")}}\n{{/if}}`, [
  '2 sheet-template: not a template: there is no helper "equals"',
]);
test('fault: arithmetic with what is unknown', faultOf, RING.replace('4096', '{{times 2 nic.ring.tx.max}}'), [
  '2 sheet-template: not a template: "times" was given null, which is not a number',
]);
test(
  'fault: not YAML, behind lines that the template takes away',
  faultOf,
  `{{#if nic}}\n- set: nic mtu\n  {{#if nic}}\n  to: [1\n  {{/if}}\n  why: x\n{{/if}}`,
  ['6 sheet-syntax: not YAML: Flow sequence in block collection must be sufficiently indented and end with a ]'],
);
test('fault: a key that is not known, and two that are missing', faultOf, '- set: nic mtu\n  to: 9000\n  reason: x', [
  '1 sheet-schema: "why" is missing',
  '1 sheet-schema: "source" is missing',
  '3 sheet-schema: "reason" is not a key here',
]);
test('fault: a value of the wrong type', faultOf, RING.replace('4096', '[4096]'), [
  '2 sheet-schema: "to" must be a text or a number',
]);
test('fault: a value that renders to nothing', faultOf, RING.replace('4096', '{{nic.ring.tx.max}}'), [
  '2 sheet-schema: "to" must be a text or a number',
]);
test('fault: both to and atLeast', faultOf, `${RING}\n  atLeast: 1`, [
  '1 sheet-schema: needs exactly one of "to", "atLeast" and "noMoreThan"',
]);
test('fault: insteadOf beside a floor', faultOf, `${RING.replace('to:', 'atLeast:')}\n  insteadOf: 512`, [
  '1 sheet-schema: needs "to" where it has "insteadOf"',
]);
test('fault: seen that is neither true nor false', faultOf, `${RING}\n  seen: sometimes`, [
  '5 sheet-schema: "seen" must be true or false',
]);
test('fault: neither to nor atLeast', faultOf, '- set: nic mtu\n  why: x\n  source: y', [
  '1 sheet-schema: needs exactly one of "to", "atLeast" and "noMoreThan"',
]);
test('fault: no address', faultOf, RING.replace('nic ring.rx', 'nic rings.rx'), [
  '1 sheet-schema: "set" is "nic rings.rx", which is not an address of any kind',
]);
test('fault: a rule with a word it does not know', faultOf, RING.replace('nic ring.rx', 'rule irq'), [
  '1 sheet-schema: gives a topology rule a word that it does not know',
]);
test('fault: no range of kernels', faultOf, `${RING}\n  kernel: new ones`, [
  '5 sheet-schema: "kernel" is no range such as ">=4.12 <6.16"',
]);
test('fault: text before the first entry', faultOf, `settings:\n${RING}`, [
  '1 sheet-syntax: "settings:" stands before the first "- "',
]);
test("fault: a setting of the whole host in a NIC's sheet", faultOf, RING.replace('nic ring.rx', 'thp enabled'), [
  '1 sheet-schema: "thp enabled" is a setting of the host as a whole, and a NIC\'s sheet has only "nic" and "rule" settings',
]);
test(
  'fault: those of several entries come at once',
  faultOf,
  `- set: nic mtu\n  to: 9000\n  why: x\n${RING}\n- set: nic\n  to: 1\n  why: x\n  source: y`,
  ['1 sheet-schema: "source" is missing', '8 sheet-schema: "set" is "nic", which is not an address of any kind'],
);
