import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import test from 'ava';
import {builderNames, loadBuilder} from '../../../engine/catalogue/builders.ts';
import {Fault, Faults} from '../../../engine/model/fault.ts';

const root = mkdtempSync(path.join(tmpdir(), 'linerate-builders-'));
process.on('exit', () => {
  rmSync(root, {recursive: true, force: true});
});
mkdirSync(path.join(root, 'builders'));

const told = (name: string, text: string): readonly string[] => {
  writeFileSync(path.join(root, 'builders', `${name}.yaml`), text);
  try {
    loadBuilder(name, root);
    return [];
  } catch (error) {
    if (error instanceof Faults) return error.errors.map(({message}) => message);
    if (error instanceof Fault) return [error.message];
    throw error;
  }
};

test('every builder that comes with linerate can be read', (t) => {
  t.deepEqual(builderNames(), ['bookworm', 'centos-6']);
  for (const name of builderNames()) t.not(loadBuilder(name).summary, '');
});

test('all that is wrong with a definition is told', (t) => {
  t.deepEqual(told('good', 'kind: ssh\nsummary: x\nsystem: Debian'), []);
  t.deepEqual(told('wrong', 'kind: chroot\nsummary: x\nrelease: "a b"\npackages: [gcc, "a;b"]'), [
    'builders/wrong.yaml: release: must be a release such as bookworm',
    'builders/wrong.yaml: packages.1: must be the name of a Debian package',
  ]);
  t.regex(told('broken', 'kind: [')[0] ?? '', /^builders\/broken\.yaml cannot be read: /);
  t.regex(told('other', 'kind: docker')[0] ?? '', /^builders\/other\.yaml: kind: /);
});

test('a builder that is not there is told with the nearest one', (t) => {
  const error = t.throws(() => loadBuilder('centos6'), {instanceOf: Fault});
  t.is(error?.message, 'there is no builder centos6');
  t.is(error?.hint, 'did you mean "centos-6"?');
});
