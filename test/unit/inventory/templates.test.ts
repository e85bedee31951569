import test from 'ava';
import {resolveVariable} from '../../../engine/inventory/templates.ts';
import {Fault} from '../../../engine/model/fault.ts';
import {inventoryOf} from '../../support/inventory-text.ts';

const TEXT = `---
all:
  hosts:
    web1.example.com:
  vars:
    domain: example.com
    port: 22
    flags: {deep: [a, {b: yes}], "odd key": 1}
    list: [x, "{{ domain }}"]
    plain: "no template"
    whole: "{{ port }}"
    blanks: "{{domain}}"
    minus: "{{- domain -}}"
    inside: "a.{{ domain }}:{{ port }}"
    boolean: "is {{ flags.deep[1].b }}"
    chain: "{{ inside }}/x"
    attribute: "{{ flags.deep[0] }}"
    subscript: "{{ flags['odd key'] }}"
    name: "{{ inventory_hostname }}"
    short: "{{ inventory_hostname_short }}-x"
    nested: {a: ["{{ port }}"]}
    raw: !unsafe "{{ domain }}"
    filter: "{{ port | int }}"
    sum: "{{ port + 1 }}"
    condition: "{% if x %}y{% endif %}"
    comment: "a{# x #}"
    missing: "{{ nowhere }}"
    missing_part: "{{ flags.nowhere }}"
    prototype: "{{ flags.constructor }}"
    circle: "{{ circle2 }}"
    circle2: "x{{ circle }}"
    mapping: "x {{ flags }}"
    lookup: "{{ lookup('env', 'HOME') }}"
    open: "{{ port"
`;

const host = inventoryOf(TEXT).hosts.get('web1.example.com');
if (host === undefined) throw new Error('the host is missing');

const RESOLVED: readonly (readonly [name: string, value: unknown])[] = [
  ['plain', 'no template'],
  ['whole', 22],
  ['blanks', 'example.com'],
  ['minus', 'example.com'],
  ['inside', 'a.example.com:22'],
  ['boolean', 'is True'],
  ['chain', 'a.example.com:22/x'],
  ['attribute', 'a'],
  ['subscript', 1],
  ['name', 'web1.example.com'],
  ['short', 'web1-x'],
  ['list', ['x', 'example.com']],
  ['nested', {a: [22]}],
  ['raw', '{{ domain }}'],
  ['not_set', undefined],
];

for (const [name, value] of RESOLVED) {
  test(`resolves ${name}`, (t) => {
    t.deepEqual(resolveVariable(host, name), value);
  });
}

const ONLY = 'and only plain {{ name }} are resolved';
const REFUSED: readonly (readonly [name: string, problem: string])[] = [
  ['filter', `is the template {{ port | int }}, ${ONLY}`],
  ['sum', `is the template {{ port + 1 }}, ${ONLY}`],
  ['condition', `is the template {% if x %}y{% endif %}, ${ONLY}`],
  ['comment', `is the template a{# x #}, ${ONLY}`],
  ['lookup', `is the template {{ lookup('env', 'HOME') }}, ${ONLY}`],
  ['open', `is the template {{ port, ${ONLY}`],
  ['missing', 'refers to {{ nowhere }}, which is not set'],
  ['missing_part', 'refers to {{ flags.nowhere }}, which is not set'],
  ['prototype', 'refers to {{ flags.constructor }}, which is not set'],
  ['circle', 'refers to itself by {{ circle }}'],
  ['mapping', 'puts {{ flags }}, which is no single value, into a text'],
];

for (const [name, problem] of REFUSED) {
  test(`fails loudly on ${name}`, (t) => {
    const fault = t.throws(() => resolveVariable(host, name), {instanceOf: Fault});
    t.is(fault.message, `${name} of host web1.example.com ${problem}`);
    t.is(fault.at, `hosts.yml:${String(TEXT.split('\n').findIndex((line) => line.trim().startsWith(`${name}:`)) + 1)}`);
  });
}
